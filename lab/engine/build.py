"""Builds engine, language host and plugins; what has not changed is left alone.

A killed build leaves no half program: each one is written beside its place, moved there, and only then stamped.
"""

import fcntl
import hashlib
import shutil
from pathlib import Path

from lab.engine.golang import Go, go
from lab.engine.paths import BUILD, HOME
from lab.engine.pieces import CLI, EXECUTOR, PIECES, SDK, Piece


def build() -> list[str]:
    """Build what does not fit its sources; give one line for each thing built."""
    compiler = go()
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = [line for piece in PIECES for line in _piece(piece, compiler)]
        done += _executor(compiler)
        _remove_others()
    return done or ["nothing changed"]


def complete() -> bool:
    """Say whether a build was finished here, from whichever sources."""
    return EXECUTOR.exists() and all(piece.target.exists() and stamp(piece).exists() for piece in PIECES)


def stamp(piece: Piece) -> Path:
    """Give the file that says what a program was built from."""
    return BUILD / "stamps" / piece.target.name


def digest(piece: Piece, version: str) -> str:
    """Digest sources, command line and compiler of one program."""
    total = hashlib.sha256(f"{version} {piece.arguments(Path())}".encode())
    for path in piece.everything():
        total.update(f"{path.relative_to(piece.module)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _piece(piece: Piece, compiler: Go) -> list[str]:
    wanted, mark = digest(piece, compiler.version), stamp(piece)
    if piece.target.exists() and mark.exists() and mark.read_text() == wanted:
        return []
    mark.unlink(missing_ok=True)
    piece.target.parent.mkdir(parents=True, exist_ok=True)
    fresh = piece.target.with_name(f".{piece.target.name}.new")
    compiler.run(*piece.arguments(fresh), cwd=piece.module)
    fresh.replace(piece.target)
    mark.parent.mkdir(exist_ok=True)
    mark.write_text(wanted)
    return [f"built {piece.target.name}"]


def _remove_others() -> None:
    """Remove the plugins of versions that the SDKs no longer request."""
    current = {piece.target.parent for piece in PIECES}
    for path in (HOME / "plugins").glob("resource-*"):
        if path.is_dir() and path not in current:
            shutil.rmtree(path)
            path.with_name(f"{path.name}.lastused").unlink(missing_ok=True)


def _executor(compiler: Go) -> list[str]:
    """Put the SDK's script beside the language host."""
    module = compiler.run("list", "-m", "-f", "{{.Dir}}", SDK, cwd=CLI)
    source = Path(module, "python/cmd", EXECUTOR.name)
    if EXECUTOR.exists() and EXECUTOR.read_bytes() == source.read_bytes():
        return []
    fresh = EXECUTOR.with_name(f".{EXECUTOR.name}.new")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o755)
    fresh.replace(EXECUTOR)
    return [f"installed {EXECUTOR.name}"]

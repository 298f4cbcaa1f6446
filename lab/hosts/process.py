"""Runs programs; a failure is reported in one line."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.hosts.errors import LabError

UMASK = 0o022
"""The umask of every program of the lab: other users on the hosts read its files, whatever the caller's umask is."""


def run(
    *argv: str | Path,
    data: str | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program and return its output; raise LabError with its last line if it fails."""
    command = [str(argument) for argument in argv]
    result = subprocess.run(
        command, input=data, cwd=cwd, env=env, capture_output=True, text=True, check=False, umask=UMASK
    )
    if result.returncode:
        message = last_line(result.stderr) or last_line(result.stdout) or f"status {result.returncode}"
        raise LabError(f"{' '.join(command)[:200]}: {message}")
    return result.stdout


def run_logged(log: Path, *argv: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a long program with its output in a log; raise LabError that names the log if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        result = subprocess.run(
            [str(argument) for argument in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            check=False,
            umask=UMASK,
        )
    if result.returncode:
        raise LabError(f"{Path(argv[0]).name}: failed: {last_line(log.read_text())}; read {log}")


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds or the time is over; return whether it held."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return True

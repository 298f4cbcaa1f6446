"""Running programs, with failures told in one line."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.hosts.errors import LabError

UMASK = 0o022
"""For all that the lab makes: other users on the hosts read it, whatever the umask is of who starts the lab."""


def run(
    *argv: str | Path,
    data: str | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program to its end and return what it wrote; raise LabError with its last line if it fails."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, input=data, cwd=cwd, env=env, capture_output=True, text=True, check=False, umask=UMASK)
    if done.returncode:
        said = last_line(done.stderr) or last_line(done.stdout) or f"status {done.returncode}"
        raise LabError(f"{' '.join(words)[:200]}: {said}")
    return done.stdout


def run_logged(log: Path, *argv: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a long program with its output in a file; raise LabError that names the file if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        done = subprocess.run(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            check=False,
            umask=UMASK,
        )
    if done.returncode:
        raise LabError(f"{Path(argv[0]).name} failed: {last_line(log.read_text())}; see {log}")


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds or the time is over; say whether it held."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return True

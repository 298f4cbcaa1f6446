"""Starts and stops one service for monit: under its user, ready or not at all, with a pid file."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from . import update_service, vocabulary
from .kinds import KINDS

PATIENCE = 4.5  # less than monit gives it


def pid_file(name: str) -> Path:
    """Say where monit finds the service's process."""
    return vocabulary.RUN / f"{name}.pid"


def running(name: str) -> int:
    """Give the process id of a running service, or 0."""
    try:
        pid = int(pid_file(name).read_text())
        return pid if name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes() or update_service.is_own(pid) else 0
    except (OSError, ValueError):
        return 0


def output(name: str, kind: str) -> IO[str]:
    """Open the day's output of a service in its log directory."""
    directory = vocabulary.LOGS / vocabulary.service(kind).log
    directory.mkdir(parents=True, exist_ok=True)
    shutil.chown(directory, KINDS[kind].user, KINDS[kind].user)
    return (directory / f"{name}.log.{datetime.now(UTC):%Y-%m-%d}").open("a")


def launch(name: str, kind: str, log: IO[str]) -> None:
    """Start the daemon and wait until it says ready; only then monit gets to see its pid."""
    user = "root" if kind == "cus" else KINDS[kind].user
    mine, its = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "dhlib.daemon", name, str(its)],
        user=user, group=user, extra_groups=[], pass_fds=[its], cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    os.close(its)
    heard = select.select([mine], [], [], PATIENCE)[0]
    answer = os.read(mine, 4096).decode() if heard else f"not ready after {PATIENCE:.0f} s"
    if answer != "ready":
        process.kill()
        sys.exit(f"{name} failed to start: {answer or 'it ended at once'}")
    write_pid(name, process.pid)


def write_pid(name: str, pid: int) -> None:
    """Write the pid file in one piece."""
    new = pid_file(name).with_suffix(".new")
    new.write_text(f"{pid}\n")
    new.rename(pid_file(name))


def start(name: str) -> None:
    """Start a service that does not run."""
    kind = vocabulary.kind_of(name)
    vocabulary.RUN.mkdir(exist_ok=True)
    if running(name):
        return
    pid_file(name).unlink(missing_ok=True)
    with output(name, kind) as log:
        launch(name, kind, log)


def stop(name: str) -> None:
    """End a running service, hard after ten seconds."""
    pid = running(name)
    if pid:
        descriptor = os.pidfd_open(pid)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            if not select.select([descriptor], [], [], 10)[0]:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                select.select([descriptor], [], [], 5)
        os.close(descriptor)
    pid_file(name).unlink(missing_ok=True)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](sys.argv[2])

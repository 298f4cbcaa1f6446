"""Starts and stops one service for monit: as its user, with a pid file, and only if it becomes ready."""

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

TIMEOUT = 4.5  # seconds; less than monit's own timeout


def pid_file(name: str) -> Path:
    """Return the pid file from which monit reads the service's process."""
    return vocabulary.RUN / f"{name}.pid"


def running(name: str) -> int:
    """Return the process id of a running service, or 0."""
    try:
        pid = int(pid_file(name).read_text())
        return pid if name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes() or update_service.is_own(pid) else 0
    except (OSError, ValueError):
        return 0


def output(name: str, kind: str) -> IO[str]:
    """Open the day's output file of a service in its log directory."""
    directory = vocabulary.LOGS / vocabulary.service(kind).log
    directory.mkdir(parents=True, exist_ok=True)
    shutil.chown(directory, KINDS[kind].user, KINDS[kind].user)
    return (directory / f"{name}.log.{datetime.now(UTC):%Y-%m-%d}").open("a")


def launch(name: str, kind: str, log: IO[str]) -> None:
    """Start the daemon; write its pid file for monit only after it has reported that it is ready."""
    user = "root" if kind == "cus" else KINDS[kind].user
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "dhlib.daemon", name, str(write_end)],
        user=user, group=user, extra_groups=[], pass_fds=[write_end], cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    os.close(write_end)
    readable = select.select([read_end], [], [], TIMEOUT)[0]
    answer = os.read(read_end, 4096).decode() if readable else f"not ready after {TIMEOUT:.0f} s"
    if answer != "ready":
        process.kill()
        sys.exit(f"{name} failed to start: {answer or 'it exited at once'}")
    write_pid(name, process.pid)


def write_pid(name: str, pid: int) -> None:
    """Write the pid file atomically."""
    new = pid_file(name).with_suffix(".new")
    new.write_text(f"{pid}\n")
    new.rename(pid_file(name))


def start(name: str) -> None:
    """Start a service unless it already runs."""
    kind = vocabulary.kind_of(name)
    vocabulary.RUN.mkdir(exist_ok=True)
    if running(name):
        return
    pid_file(name).unlink(missing_ok=True)
    with output(name, kind) as log:
        launch(name, kind, log)


def stop(name: str) -> None:
    """Stop a running service; kill it after ten seconds."""
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

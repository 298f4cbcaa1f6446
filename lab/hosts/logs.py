"""Keeps the logs of hosts, running or not, so that a failed test can be examined."""

import os
import shutil
import subprocess
from pathlib import Path

from lab.hosts.host import Host


def keep(host: Host, state: Path, destination: Path) -> None:
    """Copy a host's console and /var/log, and write its journal as text."""
    destination.mkdir(parents=True, exist_ok=True)
    if host.console.exists():
        shutil.copy(host.console, destination)
    for layer in [*reversed(host.disk.layers()), host.disk.upper]:
        _copy_files(state / layer / "var/log", destination / "log")
    _write_journal(destination / "log/journal", destination / "journal.txt")


def _copy_files(source: Path, destination: Path) -> None:
    """Copy only plain files, because a deleted file is a device in an upper directory."""
    for folder, _, names in os.walk(source):
        target = destination / Path(folder).relative_to(source)
        target.mkdir(parents=True, exist_ok=True)
        for path in (Path(folder, name) for name in names):
            if path.is_file() and not path.is_symlink():
                shutil.copy(path, target)


def _write_journal(journal: Path, text: Path) -> None:
    if journal.is_dir() and shutil.which("journalctl"):
        with text.open("w") as out:
            command = ["journalctl", "--directory", str(journal), "--no-pager", "--output", "short-precise"]
            subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=False)

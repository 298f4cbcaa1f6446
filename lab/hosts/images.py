"""Images: what the hosts of a lab have on disk, kept outside of it, from which other labs begin without copying.

Unlike a snapshot an image holds what its hosts are known by as well, so that whatever was noted about them elsewhere
(a host key, the state of a stack) is true in each lab that begins from it. Nothing in an image ever changes.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from lab.hosts.disk import DRESS, Disk
from lab.hosts.errors import LabError
from lab.hosts.host import Host, require_stopped
from lab.hosts.process import run

_BESIDE_HOSTS = ("keys", "known_hosts", "shared", "pulumi")
"""Of a lab's state directory: keys, what storage the hosts share, and the state of stacks on them."""

_DISK = "disk"
"""Of a host in an image: what it has written."""


class Image:
    """An image by its directory, which is there when the image is complete."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._hosts = directory / "hosts"

    def exists(self) -> bool:
        """Say whether there is such an image."""
        return self.directory.is_dir()

    def take(self, state: Path, hosts: Sequence[Host]) -> None:
        """Take over the disks of a lab's stopped hosts, and a copy of what the lab knows them by."""
        require_stopped(hosts, "an image is taken")
        if self.exists():
            raise LabError(f"{self.directory}: is an image already; remove it first")
        if layered := [str(host.name) for host in hosts if host.disk.layers()]:
            raise LabError(f"{', '.join(layered)}: on a snapshot or an image, which others need; make the lab again")
        made = self.directory.with_name(f"{self.directory.name}.new")
        shutil.rmtree(made, ignore_errors=True)
        for host in hosts:
            kept = made / "hosts" / host.name.short
            kept.mkdir(parents=True)
            host.disk.upper.rename(kept / _DISK)
            (kept / DRESS).write_text(host.disk.dress())
        for name in _BESIDE_HOSTS:
            _copy(state / name, made / name)
        made.rename(self.directory)

    def remove(self) -> None:
        """Remove the image; no lab may stand on it."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def put(self, state: Path) -> int:
        """Make disks over the image's and all else in the state directory of a new lab; return how many hosts."""
        if not self.exists():
            raise LabError(f"{self.directory}: there is no such image")
        if state.exists():
            raise LabError(f"lab {state.name}: is there already; take it down before it begins from an image")
        for name in _BESIDE_HOSTS:
            _copy(self.directory / name, state / name)
        kept = sorted(self._hosts.iterdir())
        for directory in kept:
            disk = Disk(state / "hosts" / directory.name)
            if dress := (directory / DRESS).read_text():
                disk.put_on(dress)
            disk.reset([directory / _DISK])
        return len(kept)


def _copy(source: Path, destination: Path) -> None:
    if source.exists():
        destination.parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-a", source, destination)  # owners too

"""Images: the disks of a lab's hosts, kept outside the lab; other labs start from them without copying.

Unlike a snapshot, an image also holds the identity of its hosts, so that records about them elsewhere (a host key, the
state of a stack) are valid in each lab that starts from it. Nothing in an image ever changes.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from lab.hosts.disk import OS_IMAGE, Disk
from lab.hosts.errors import LabError
from lab.hosts.host import Host, require_stopped
from lab.hosts.process import run

_LAB_FILES = ("keys", "known_hosts", "shared", "pulumi")
"""Files of a lab's state directory: the keys, the directory that the hosts share, and the state of stacks."""

_DISK = "disk"
"""The directory of a host in an image that holds the files it has written."""


class Image:
    """An image, identified by its directory, which exists only when the image is complete."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._hosts = directory / "hosts"

    def exists(self) -> bool:
        """Return whether the image exists."""
        return self.directory.is_dir()

    def take(self, state: Path, hosts: Sequence[Host]) -> None:
        """Move the disks of a lab's stopped hosts into the image, and copy the lab's keys and state."""
        require_stopped(hosts, "an image is taken")
        if self.exists():
            raise LabError(f"{self.directory}: is already an image; remove it first")
        if layered := [str(host.name) for host in hosts if host.disk.layers()]:
            raise LabError(
                f"{', '.join(layered)}: based on a snapshot or an image; use a lab that was created without one"
            )
        new = self.directory.with_name(f"{self.directory.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        for host in hosts:
            directory = new / "hosts" / host.name.short
            directory.mkdir(parents=True)
            host.disk.upper.rename(directory / _DISK)
            (directory / OS_IMAGE).write_text(host.disk.os_image())
        for name in _LAB_FILES:
            _copy(state / name, new / name)
        new.rename(self.directory)

    def remove(self) -> None:
        """Remove the image; no lab may be based on it."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def put(self, state: Path) -> int:
        """Create the state directory of a new lab, with disks over those of the image; return the number of hosts."""
        if not self.exists():
            raise LabError(f"{self.directory}: there is no such image; create it with Lab.keep")
        if state.exists():
            raise LabError(f"lab {state.name}: already exists; take it down before it starts from an image")
        for name in _LAB_FILES:
            _copy(self.directory / name, state / name)
        directories = sorted(self._hosts.iterdir())
        for directory in directories:
            disk = Disk(state / "hosts" / directory.name)
            if os_image := (directory / OS_IMAGE).read_text():
                disk.set_os_image(os_image)
            disk.reset([directory / _DISK])
        return len(directories)


def _copy(source: Path, destination: Path) -> None:
    if source.exists():
        destination.parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-a", source, destination)  # shutil does not copy owners

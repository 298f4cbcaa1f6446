"""Snapshots of all hosts of a lab, taken and restored without copying.

A snapshot takes over a host's upper directory, and the host continues with an empty one above it; restoring starts
over with an empty one. Snapshots can be chained, because nothing in a snapshot ever changes.
"""

from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.host import Host, require_stopped
from lab.hosts.names import HostName, check_snapshot_name, parse_host


class Snapshots:
    """The snapshots in one lab's state directory."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._directory = state / "snapshots"

    def names(self) -> list[str]:
        """Return the names of the complete snapshots."""
        return sorted(path.parent.name for path in self._directory.glob("*/complete"))

    def take(self, name: str, hosts: list[Host]) -> None:
        """Save the disks of the stopped hosts under a new name."""
        directory = self._directory / check_snapshot_name(name)
        if directory.exists():
            raise LabError(f"snapshot {name}: already exists; use another name")
        require_stopped(hosts, "a snapshot")
        for host in hosts:
            self._take(directory / host.name.short, host)
        (directory / "complete").touch()

    def hosts(self, name: str) -> dict[HostName, list[Path]]:
        """Return the layers of each host in a snapshot."""
        if name not in self.names():
            raise LabError(f"snapshot {name}: unknown; use one of: {', '.join(self.names()) or 'none'}")
        files = (self._directory / name).glob("*/layers")
        return {parse_host(file.parent.name): [Path(line) for line in file.read_text().splitlines()] for file in files}

    def _take(self, directory: Path, host: Host) -> None:
        directory.mkdir(parents=True)
        upper = directory / "upper"
        layers = [upper.relative_to(self._state), *host.disk.layers()]
        host.disk.upper.rename(upper)
        (directory / "layers").write_text("".join(f"{layer}\n" for layer in layers))
        host.disk.reset(layers)

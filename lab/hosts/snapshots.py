"""Snapshots of all hosts of a lab, taken and put back without copying.

A snapshot takes a host's upper directory away, and the host goes on with an empty one above it; to restore is to
begin again with an empty one. A host may stand on a chain of them: nothing in a snapshot ever changes.
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
        """Return the names of the complete ones."""
        return sorted(path.parent.name for path in self._directory.glob("*/complete"))

    def take(self, name: str, hosts: list[Host]) -> None:
        """Keep what the stopped hosts have on disk under a new name."""
        directory = self._directory / check_snapshot_name(name)
        if directory.exists():
            raise LabError(f"snapshot {name}: exists already; use another name")
        require_stopped(hosts, "a snapshot")
        for host in hosts:
            self._take(directory / host.name.short, host)
        (directory / "complete").touch()

    def hosts(self, name: str) -> dict[HostName, list[Path]]:
        """Return the layers of each host in a snapshot."""
        if name not in self.names():
            raise LabError(f"snapshot {name}: there is none; there are: {', '.join(self.names()) or 'none'}")
        kept = (self._directory / name).glob("*/layers")
        return {parse_host(path.parent.name): [Path(line) for line in path.read_text().splitlines()] for path in kept}

    def _take(self, directory: Path, host: Host) -> None:
        directory.mkdir(parents=True)
        upper = directory / "upper"
        layers = [upper.relative_to(self._state), *host.disk.layers()]
        host.disk.upper.rename(upper)
        (directory / "layers").write_text("".join(f"{layer}\n" for layer in layers))
        host.disk.reset(layers)

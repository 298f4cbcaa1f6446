"""Cgroups: a host's processes are stopped, frozen and queried as a group, never by process number."""

from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.process import wait_until


class Cgroup:
    """One cgroup, a directory of the unified hierarchy."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self) -> None:
        """Create the empty cgroup."""
        self.path.mkdir(parents=True, exist_ok=True)

    def alive(self) -> bool:
        """Return whether any process is in it or below."""
        return self._event("populated")

    def frozen(self) -> bool:
        """Return whether its processes are frozen."""
        return self._event("frozen")

    def freeze(self, *, on: bool) -> None:
        """Freeze or thaw its processes, and wait until that has taken effect."""
        (self.path / "cgroup.freeze").write_text("1" if on else "0")
        if not wait_until(lambda: self.frozen() == on, 10):
            raise LabError(f"{self.path}: not {'frozen' if on else 'thawed'} after 10 s; try again")

    def kill(self) -> None:
        """Kill all its processes at once, and remove it."""
        if self.path.exists():
            (self.path / "cgroup.kill").write_text("1")
            if not wait_until(lambda: not self.alive(), 10):
                raise LabError(f"{self.path}: processes remain 10 s after the kill; read cgroup.procs there")
            self.remove()

    def remove(self) -> None:
        """Remove it and the cgroups below it, none of which may hold processes."""
        if self.path.exists():
            below = sorted((path for path in self.path.rglob("*") if path.is_dir()), reverse=True)
            for path in (*below, self.path):
                path.rmdir()

    def init(self) -> int | None:
        """Return this machine's process number of the host's init."""
        for procs in self.path.rglob("init.scope/cgroup.procs"):
            for pid in procs.read_text().split():
                if _number_inside(pid) == "1":
                    return int(pid)
        return None

    def _event(self, name: str) -> bool:
        try:
            return f"{name} 1" in (self.path / "cgroup.events").read_text()
        except OSError:  # the cgroup was removed meanwhile
            return False


def _number_inside(pid: str) -> str:
    try:
        status = Path("/proc", pid, "status").read_text()
    except OSError:
        return ""
    return next((line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:")), "")

"""A group of processes that is stopped, frozen and asked as a whole, never by process numbers."""

from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.process import wait_until


class Cgroup:
    """One directory of the unified cgroup hierarchy."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make it, empty."""
        self.path.mkdir(parents=True, exist_ok=True)

    def alive(self) -> bool:
        """Say whether any process is in it or below."""
        return self._event("populated")

    def frozen(self) -> bool:
        """Say whether its processes are held."""
        return self._event("frozen")

    def freeze(self, *, on: bool) -> None:
        """Hold its processes or let them go on, and wait until they are."""
        (self.path / "cgroup.freeze").write_text("1" if on else "0")
        if not wait_until(lambda: self.frozen() == on, 10):
            raise LabError(f"{self.path}: did not {'freeze' if on else 'thaw'} within 10 s; try again")

    def kill(self) -> None:
        """End all its processes at once, and remove it."""
        if self.path.exists():
            (self.path / "cgroup.kill").write_text("1")
            if not wait_until(lambda: not self.alive(), 10):
                raise LabError(
                    f"{self.path}: processes are left 10 s after they were killed; look at cgroup.procs there"
                )
            self.remove()

    def remove(self) -> None:
        """Remove it and the groups below, all without processes."""
        if self.path.exists():
            below = sorted((path for path in self.path.rglob("*") if path.is_dir()), reverse=True)
            for path in (*below, self.path):
                path.rmdir()

    def init(self) -> int | None:
        """Return the number, as this machine counts, of the process that is init inside."""
        for procs in self.path.rglob("init.scope/cgroup.procs"):
            for pid in procs.read_text().split():
                if _number_inside(pid) == "1":
                    return int(pid)
        return None

    def _event(self, name: str) -> bool:
        try:
            return f"{name} 1" in (self.path / "cgroup.events").read_text()
        except OSError:  # it is removed while it is read
            return False


def _number_inside(pid: str) -> str:
    try:
        status = Path("/proc", pid, "status").read_text()
    except OSError:
        return ""
    return next((line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:")), "")

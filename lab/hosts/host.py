"""One lab host: start, stop and state."""

import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab.hosts.cgroup import Cgroup
from lab.hosts.disk import Disk
from lab.hosts.errors import LabError
from lab.hosts.names import HostName
from lab.hosts.network import Network
from lab.hosts.paths import HERE, PACKAGES
from lab.hosts.process import last_line, wait_until

_STOP_SECONDS = 30
# Capabilities that a host's root lacks: a host must not set the machine's clock, for instance.
_DROPPED = "-sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog"
_ROOT_ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "USER=root",
    "LOGNAME=root",
)
POWER_OFF = signal.SIGRTMIN + 4
"""The signal on which systemd as init powers off."""


class Host:
    """A host of the lab whose state directory is `state`."""

    def __init__(self, name: HostName, state: Path, cgroup: Cgroup, network: Network) -> None:
        self.name = name
        self.disk = Disk(state / "hosts" / name.short)
        self.console = self.disk.directory / "console.log"
        self.cgroup = cgroup
        self._state = state
        self._network = network

    def alive(self) -> bool:
        """Return whether the host has power, even if it is frozen or partitioned."""
        return self.cgroup.alive()

    def state(self) -> str:
        """Return up, frozen, partitioned or stopped."""
        if not self.alive():
            return "stopped"
        if self.cgroup.frozen():
            return "frozen"
        return "up" if self._network.connected(self.name) else "partitioned"

    def power_on(self) -> None:
        """Start the host, without waiting for its services."""
        self._network.plug(self.name)
        self.cgroup.remove()
        self.cgroup.create()
        with self.console.open("ab") as console:
            subprocess.run(
                ["setsid", "--fork", "unshare", "--mount", "--propagation", "slave", HERE / "supervise.sh"],
                check=True,
                cwd=self._state,
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        if not wait_until(lambda: self.cgroup.init() is not None, 10):
            raise LabError(f"{self.name}: does not start: {self.console_end()}; read {self.console}")

    def request_power_off(self) -> None:
        """Request a shutdown from the host's systemd, without waiting for it."""
        init = self.cgroup.init()
        if self.cgroup.frozen():
            self.cgroup.freeze(on=False)
        if init is not None:
            with suppress(ProcessLookupError):  # the host powered off by itself
                os.kill(init, POWER_OFF)

    def wait_powered_off(self) -> None:
        """Wait until the host is off; cut its power if it takes too long."""
        wait_until(lambda: not self.alive(), _STOP_SECONDS)
        self.cgroup.kill()

    def root(self) -> Path:
        """Return the path at which this machine can read the running host's whole file system."""
        return Path("/proc") / str(self._init()) / "root"

    def enter(self) -> list[str]:
        """Return the command prefix that runs a program as the host's root, without a connection and a login."""
        namespaces = ("--root", "--wd", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        setpriv = ["setpriv", f"--bounding-set={_DROPPED}"]
        return [*setpriv, "nsenter", f"--target={self._init()}", *namespaces, "env", "-i", *_ROOT_ENVIRONMENT]

    def _init(self) -> int:
        init = self.cgroup.init()
        if init is None:
            raise LabError(f"{self.name}: not running; start it, or read its files with upper()")
        return init

    def console_end(self) -> str:
        """Return the last line of the console, for messages."""
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return last_line(text) or "nothing on its console"

    def _environment(self) -> dict[str, str]:
        def relative(path: Path) -> str:
            return os.path.relpath(path, self._state)  # mount options hold 4 KiB, and no colon in a name

        layers = [self._state / layer for layer in self.disk.layers()]
        return {
            "CGROUP": f"{self.cgroup.path.parent.name}/{self.cgroup.path.name}",
            "MACHINE": self.name.short,
            "FQDN": self.name.fqdn,
            "NAMESPACE": self._network.namespace(self.name),
            "LAYERS": ":".join(relative(layer) for layer in [*layers, *self.disk.base()]),
            "UPPER": relative(self.disk.upper),
            "WORK": relative(self.disk.work),
            "ROOT": relative(self.disk.root),
            "PACKAGES": str(PACKAGES),
            "SHARED": str(self._shared()),
        }

    def _shared(self) -> Path:
        """Return the directory that all hosts of the lab see at /srv/shared, in place of a storage server's export."""
        shared = self._state / "shared"
        shared.mkdir(mode=0o755, exist_ok=True)
        return shared


def require_stopped(hosts: Iterable[Host], before: str) -> None:
    """Raise LabError if any host runs; `before` names what its disk is needed for."""
    running = [str(host.name) for host in hosts if host.alive()]
    if running:
        raise LabError(f"{', '.join(running)}: running; stop the hosts before {before}")

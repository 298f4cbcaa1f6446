"""A lab: its hosts, its operator and the network between them; the command's verbs are its methods."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab.hosts import build, logs, machine
from lab.hosts.agent import Agent
from lab.hosts.cgroup import Cgroup
from lab.hosts.errors import LabError
from lab.hosts.host import Host
from lab.hosts.images import Image
from lab.hosts.names import HostName, check_lab_name, first_hosts, parse_host
from lab.hosts.operator import Operator
from lab.hosts.paths import STATE
from lab.hosts.process import wait_until
from lab.hosts.snapshots import Snapshots

_LOGIN_SECONDS = 60


@dataclass(frozen=True)
class HostStatus:
    """One line of `status`: the state is up, frozen, partitioned or stopped."""

    name: str
    fqdn: str
    address: str
    state: str


class Lab(Operator):
    """A lab, identified by its name. A host is "h1", "1" or 1; no host means all hosts of the lab."""

    def __init__(self, name: str | None = None) -> None:
        checked = check_lab_name(name or os.environ.get("LAB") or "lab")
        machine.require()
        super().__init__(checked, STATE / checked)
        self._lock = STATE / f"{checked}.lock"
        self._snapshots = Snapshots(self.state)

    @cached_property
    def _cgroup(self) -> Cgroup:
        return Cgroup(machine.cgroup2() / self.name)

    @cached_property
    def _agent(self) -> Agent:
        return Agent(self.name, Cgroup(self._cgroup.path / "agent"))

    def up(self, count: int, *, os_images: Mapping[str, str] | None = None) -> None:
        """Create and start hosts 1 to COUNT and their network, keys and agent; existing ones are kept.

        `os_images` maps the names of hosts to their OS image if it is not CentOS: {"h3": "opensuse"}.
        """
        names = first_hosts(count)
        images = {parse_host(host): os_image for host, os_image in (os_images or {}).items()}
        if beyond := images.keys() - set(names):
            raise LabError(
                f"{', '.join(map(str, sorted(beyond)))}: has an OS image, but is not one of {count} host(s); raise N"
            )
        build.require_built(images.values())
        with machine.locked(self._lock):
            machine.claim(self.name)
            self._network.up()
            self._keys.generate(names)
            self._agent.start(self._keys.client)
            for host in map(self._host, names):
                if host.name in images:
                    host.disk.set_os_image(images[host.name])
                if not host.disk.exists():
                    host.disk.create(host.name, self._keys)
            self._start(names)

    def down(self) -> None:
        """Stop every process of the lab and remove everything it created, including snapshots."""
        with machine.locked(self._lock):
            for host in self._hosts():
                host.cgroup.kill()
            self._agent.stop()
            self._cgroup.kill()
            self._network.down()
            if self.state.exists():
                shutil.rmtree(self.state)
            machine.release(self.name)
            self._lock.unlink()

    def start(self, *hosts: str | int) -> None:
        """Start hosts and wait until they accept logins."""
        self._start([host.name for host in self._chosen(hosts)])

    def stop(self, *hosts: str | int) -> None:
        """Shut hosts down cleanly and wait until they are off."""
        chosen = [host for host in self._chosen(hosts) if host.alive()]
        for host in chosen:
            host.request_power_off()
        _each(Host.wait_powered_off, chosen)

    def kill(self, *hosts: str | int) -> None:
        """Cut the hosts' power."""
        _each(lambda host: host.cgroup.kill(), self._chosen(hosts))

    def recreate(self, *hosts: str | int) -> None:
        """Replace hosts with new ones of the same names: empty disks, another machine-id, the same ssh keys."""
        chosen = self._chosen(hosts)
        _each(lambda host: host.cgroup.kill(), chosen)
        for host in chosen:
            host.disk.create(host.name, self._keys)
        self._start([host.name for host in chosen])

    def freeze(self, *hosts: str | int) -> None:
        """Freeze all processes of hosts: they hang, but their network addresses still answer."""
        _each(lambda host: host.cgroup.freeze(on=True), self._running(hosts))

    def thaw(self, *hosts: str | int) -> None:
        """Thaw frozen hosts."""
        _each(lambda host: host.cgroup.freeze(on=False), self._running(hosts))

    def partition(self, *hosts: str | int) -> None:
        """Cut hosts off from the operator and from each other, as a dead switch port would."""
        for host in self._running(hosts):
            self._network.disconnect(host.name)

    def heal(self, *hosts: str | int) -> None:
        """Reconnect partitioned hosts."""
        for host in self._running(hosts):
            self._network.connect(host.name)

    def status(self) -> list[HostStatus]:
        """Return the state of each host of the lab."""
        return [HostStatus(str(h.name), h.name.fqdn, h.name.address, h.state()) for h in self._hosts()]

    def snapshot(self, name: str) -> None:
        """Save the disks of all hosts, which must be stopped."""
        with machine.locked(self._lock):
            self._snapshots.take(name, self._chosen(()))

    def snapshots(self) -> list[str]:
        """Return the names of the snapshots."""
        return self._snapshots.names()

    def restore(self, name: str) -> None:
        """Cut the power of all hosts, restore a snapshot and start them; hosts that it does not hold start empty."""
        layers = self._snapshots.hosts(name)
        with machine.locked(self._lock):
            hosts = self._chosen(())
            _each(lambda host: host.cgroup.kill(), hosts)
            for host in hosts:
                if host.name in layers:
                    host.disk.reset(layers[host.name])
                else:
                    host.disk.create(host.name, self._keys)
                self._network.plug(host.name)
                self._network.connect(host.name)
            self._start([host.name for host in hosts])

    def keep(self, image: Image) -> None:
        """Move the disks of all hosts, which must be stopped, into an image, and take the lab down."""
        with machine.locked(self._lock):
            image.take(self.state, self._chosen(()))
        self.down()

    def begin(self, image: Image) -> None:
        """Create a new lab from an image and start its hosts."""
        with machine.locked(self._lock):
            count = image.put(self.state)
        self.up(count)

    def shell(self, host: str | int, text: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run shell text as root on a running host, even if it is partitioned: no login, ten times faster than ssh."""
        return self.exec([*self._chosen((host,))[0].enter(), "bash", "-s"], input=text, check=check)

    def root(self, host: str | int) -> Path:
        """Return the path at which this machine can read a running host's file system."""
        return self._chosen((host,))[0].root()

    def upper(self, host: str | int) -> Path:
        """Return the directory of files written since a host's creation, or since the last snapshot or restore."""
        return self._chosen((host,))[0].disk.upper

    def keep_logs(self, destination: Path) -> None:
        """Copy each host's console, journal and /var/log, whether the host runs or not."""
        for host in self._hosts():
            logs.keep(host, self.state, destination / str(host.name))

    def _start(self, names: list[HostName]) -> None:
        hosts = [self._host(name) for name in names]
        for host in hosts:
            if not host.alive():
                host.power_on()
        _each(self._wait_login, [host for host in hosts if host.state() == "up"])

    def _wait_login(self, host: Host) -> None:
        login = self.ssh_argv(str(host.name), "-o", "ConnectTimeout=1")

        def answers() -> bool:
            return self.exec([*login, "true"], check=False).returncode == 0

        if not wait_until(answers, _LOGIN_SECONDS):
            raise LabError(f"{host.name}: no login after {_LOGIN_SECONDS} s: {host.console_end()}; read {host.console}")

    def _host(self, name: HostName) -> Host:
        return Host(name, self.state, Cgroup(self._cgroup.path / name.short), self._network)

    def _hosts(self) -> list[Host]:
        names = sorted(parse_host(path.name) for path in (self.state / "hosts").glob("h*"))
        return [self._host(name) for name in names]

    def _chosen(self, hosts: Iterable[str | int]) -> list[Host]:
        chosen = [self._host(parse_host(host)) for host in hosts] or self._hosts()
        missing = [str(host.name) for host in chosen if not host.disk.exists()]
        if missing or not chosen:
            raise LabError(f"lab {self.name}: {', '.join(missing) or 'hosts'} missing; create them with up N")
        return chosen

    def _running(self, hosts: Iterable[str | int]) -> list[Host]:
        chosen = self._chosen(hosts)
        off = [str(host.name) for host in chosen if not host.alive()]
        if off:
            raise LabError(f"lab {self.name}: {', '.join(off)} not running; start them first")
        return chosen


def _each(action: Callable[[Host], None], hosts: list[Host]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(action, hosts))

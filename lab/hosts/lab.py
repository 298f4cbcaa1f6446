"""A lab: some hosts, an operator and what lies between them; the verbs of the command as methods."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.hosts import build, logs, machine
from lab.hosts.agent import Agent
from lab.hosts.cgroup import Cgroup
from lab.hosts.errors import LabError
from lab.hosts.host import Host
from lab.hosts.keys import Keys
from lab.hosts.login import ssh_command
from lab.hosts.names import HostName, check_lab_name, first_hosts, parse_host
from lab.hosts.network import Network
from lab.hosts.paths import STATE
from lab.hosts.process import last_line, wait_until
from lab.hosts.snapshots import Snapshots

_LOGIN_SECONDS = 60


@dataclass(frozen=True)
class HostStatus:
    """One line of `status`: the state is up, frozen, partitioned or stopped."""

    name: str
    fqdn: str
    address: str
    state: str


class Lab:
    """A lab by its name. Hosts are given as "h1", "1" or 1; no host means all hosts of the lab."""

    def __init__(self, name: str | None = None) -> None:
        self.name = check_lab_name(name or os.environ.get("LAB") or "lab")
        machine.require()
        self.state = STATE / self.name
        self._cgroup = Cgroup(machine.cgroup2() / self.name)
        self._network = Network(self.name)
        self._keys = Keys(self.state / "keys")
        self._agent = Agent(self.name, Cgroup(self._cgroup.path / "agent"))
        self._snapshots = Snapshots(self.state)

    @property
    def env(self) -> dict[str, str]:
        """What programs of the operator need in their environment."""
        return {
            "LAB": self.name,
            "SSH_AUTH_SOCK": str(self._agent.socket),
            "DEEPHAVEN_KNOWN_HOSTS": str(self._keys.known_hosts),
        }

    def up(self, count: int) -> None:
        """Make and start hosts 1 to COUNT and all around them; what is there already stays."""
        wanted = first_hosts(count)
        build.require_built()
        with machine.locked(self.name):
            machine.claim(self.name)
            self._network.up()
            self._keys.make(wanted)
            self._agent.start(self._keys.client)
            for host in map(self._host, wanted):
                if not host.disk.exists():
                    host.disk.create(host.name, self._keys)
            self._start(wanted)

    def down(self) -> None:
        """End every process of the lab and remove all it made, snapshots as well."""
        with machine.locked(self.name):
            for host in self._hosts():
                host.cgroup.kill()
            self._agent.stop()
            self._cgroup.kill()
            self._network.down()
            shutil.rmtree(self.state, ignore_errors=True)
            machine.release(self.name)

    def start(self, *hosts: str | int) -> None:
        """Start hosts and wait until one can log in."""
        self._start([host.name for host in self._chosen(hosts)])

    def stop(self, *hosts: str | int) -> None:
        """Shut hosts down in order and wait until they are off."""
        chosen = [host for host in self._chosen(hosts) if host.alive()]
        for host in chosen:
            host.ask_power_off()
        _each(Host.wait_powered_off, chosen)

    def kill(self, *hosts: str | int) -> None:
        """Cut the hosts' power."""
        _each(lambda host: host.cgroup.kill(), self._chosen(hosts))

    def freeze(self, *hosts: str | int) -> None:
        """Hold all processes of hosts: they hang, their network addresses still answer."""
        _each(lambda host: host.cgroup.freeze(on=True), self._running(hosts))

    def thaw(self, *hosts: str | int) -> None:
        """Let frozen hosts go on."""
        _each(lambda host: host.cgroup.freeze(on=False), self._running(hosts))

    def partition(self, *hosts: str | int) -> None:
        """Cut hosts off from the operator and from each other, as a dead switch port would."""
        for host in self._running(hosts):
            self._network.disconnect(host.name)

    def heal(self, *hosts: str | int) -> None:
        """Connect hosts that were cut off."""
        for host in self._running(hosts):
            self._network.connect(host.name)

    def ssh(self, host: str | int, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run a command on a host as ssh does; options are `exec`'s."""
        return self.exec([*self.ssh_argv(host), *command], **options)

    def ssh_argv(self, host: str | int, *options: str) -> list[str]:
        """Return the words of an ssh command to a host, for `exec`, `popen` and interactive use."""
        return ssh_command(self._chosen((host,))[0].name, self._keys.known_hosts, *options)

    def exec(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002  # subprocess.run's own name
        check: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the operator to its end; options are subprocess.run's, output is captured as text."""
        given = {"capture_output": True, "text": True, **self._operator(options)}
        if input is None:
            given.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(self.exec_argv(argv), check=False, input=input, **given)
        if check and done.returncode:
            said = last_line(done.stderr or "") or last_line(done.stdout or "")
            raise LabError(f"lab {self.name}: {' '.join(argv)[-200:]}: status {done.returncode}: {said}")
        return done

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401
        """Start a program as the operator; the process is the program itself, for signals."""
        return subprocess.Popen(self.exec_argv(argv), text=True, **self._operator(options))

    def exec_argv(self, argv: Sequence[str]) -> list[str]:
        """Return the words that run a program in the operator's name space."""
        if not self._network.exists():
            raise LabError(f"lab {self.name}: is not up; run: python3 -m lab.hosts --lab {self.name} up 1")
        return ["ip", "netns", "exec", self._network.operator, *argv]

    def status(self) -> list[HostStatus]:
        """Return how each host of the lab is."""
        return [HostStatus(str(h.name), h.name.fqdn, h.name.address, h.state()) for h in self._hosts()]

    def snapshot(self, name: str) -> None:
        """Keep what all hosts, which must be stopped, have on disk."""
        with machine.locked(self.name):
            self._snapshots.take(name, self._chosen(()))

    def snapshots(self) -> list[str]:
        """Return the names of the snapshots."""
        return self._snapshots.names()

    def restore(self, name: str) -> None:
        """Cut the power of all hosts, put a snapshot back, start them; hosts it does not hold begin as new."""
        layers = self._snapshots.hosts(name)
        with machine.locked(self.name):
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

    def root(self, host: str | int) -> Path:
        """Return a running host's file system, as this machine can read it."""
        return self._chosen((host,))[0].root()

    def upper(self, host: str | int) -> Path:
        """Return what a host has written since it was created, or since the last snapshot or restore."""
        return self._chosen((host,))[0].disk.upper

    def keep_logs(self, destination: Path) -> None:
        """Copy each host's console, journal and /var/log, whether it runs or not."""
        for host in self._hosts():
            logs.keep(host, self.state, destination / str(host.name))

    def _start(self, names: list[HostName]) -> None:
        hosts = [self._host(name) for name in names]
        for host in hosts:
            if not host.alive():
                host.power_on()
        _each(self._wait_login, [host for host in hosts if host.state() == "up"])

    def _wait_login(self, host: Host) -> None:
        argv = self.exec_argv([*self.ssh_argv(str(host.name), "-o", "ConnectTimeout=1"), "true"])

        def answers() -> bool:
            return subprocess.run(argv, **self._operator({}), capture_output=True, check=False).returncode == 0

        if not wait_until(answers, _LOGIN_SECONDS):
            raise LabError(f"{host.name}: no login within {_LOGIN_SECONDS} s: {host.console_end()}; see {host.console}")

    def _operator(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "env": {**os.environ, **self.env, **(options.get("env") or {})}}

    def _host(self, name: HostName) -> Host:
        return Host(name, self.state, Cgroup(self._cgroup.path / name.short), self._network)

    def _hosts(self) -> list[Host]:
        names = sorted(parse_host(path.name) for path in (self.state / "hosts").glob("h*"))
        return [self._host(name) for name in names]

    def _chosen(self, hosts: Iterable[str | int]) -> list[Host]:
        chosen = [self._host(parse_host(host)) for host in hosts] or self._hosts()
        missing = [str(host.name) for host in chosen if not host.disk.exists()]
        if missing or not chosen:
            raise LabError(f"lab {self.name}: has no {', '.join(missing) or 'hosts'}; make them with up N")
        return chosen

    def _running(self, hosts: Iterable[str | int]) -> list[Host]:
        chosen = self._chosen(hosts)
        off = [str(host.name) for host in chosen if not host.alive()]
        if off:
            raise LabError(f"lab {self.name}: {', '.join(off)} not running; start first")
        return chosen


def _each(action: Callable[[Host], None], hosts: list[Host]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(action, hosts))

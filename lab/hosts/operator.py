"""The operator of a lab: programs in the name space from which hosts can be reached, and ssh to hosts."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.hosts.agent import agent_socket
from lab.hosts.disk import Disk
from lab.hosts.errors import LabError
from lab.hosts.keys import Keys
from lab.hosts.names import USER, HostName, parse_host
from lab.hosts.network import Network
from lab.hosts.process import last_line


class Operator:
    """What the operator of the lab in a state directory can do, from inside its name space too."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.state = state
        self._network = Network(name)
        self._keys = Keys(state / "keys")

    @property
    def env(self) -> dict[str, str]:
        """What programs of the operator need in their environment."""
        return {
            "LAB": self.name,
            "SSH_AUTH_SOCK": str(agent_socket(self.name)),
            "DEEPHAVEN_KNOWN_HOSTS": str(self._keys.known_hosts),
        }

    def ssh(self, host: str | int, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run a command on a host as ssh does; options are `exec`'s."""
        return self.exec([*self.ssh_argv(host), *command], **options)

    def exec(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002  # subprocess.run's own name
        check: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the operator to its end; options are subprocess.run's, output is captured as text."""
        given = {"capture_output": True, "text": True, **self._surroundings(options)}
        if input is None:
            given.setdefault("stdin", subprocess.DEVNULL)
        else:
            given["input"] = input
        done: subprocess.CompletedProcess[str] = subprocess.run(self.exec_argv(argv), check=False, **given)
        if check and done.returncode:
            said = last_line(done.stderr or "") or last_line(done.stdout or "")
            raise LabError(f"lab {self.name}: {' '.join(argv)[-200:]}: status {done.returncode}: {said}")
        return done

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401
        """Start a program as the operator; the process is the program itself, for signals."""
        return subprocess.Popen(self.exec_argv(argv), **{"text": True, **self._surroundings(options)})

    def ssh_argv(self, host: str | int, *options: str) -> list[str]:
        """Return the words of an ssh command to a host, for `exec`, `popen` and interactive use."""
        name = parse_host(host)
        if not Disk(self.state / "hosts" / name.short).exists():
            raise LabError(f"lab {self.name}: has no {name}; make it with up N")
        return ssh_command(name, self._keys.known_hosts, *options)

    def exec_argv(self, argv: Sequence[str]) -> list[str]:
        """Return the words that run a program in the operator's name space."""
        if not self._network.exists():
            raise LabError(f"lab {self.name}: is not up; run: python3 -m lab.hosts --lab {self.name} up 1")
        return ["ip", "netns", "exec", self._network.operator, *argv]

    def _surroundings(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "env": {**os.environ, **self.env, **(options.get("env") or {})}}


def ssh_command(host: HostName, known_hosts: Path, *options: str) -> list[str]:
    """Return the ssh command up to the remote words; the user's own ssh configuration has no part in it."""
    settings = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f'"{known_hosts}"',
        "GlobalKnownHostsFile": "/dev/null",
        "ConnectTimeout": "5",
        "LogLevel": "ERROR",
    }
    words = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    return ["ssh", "-F", "/dev/null", *options, *words, f"{USER}@{host.fqdn}"]

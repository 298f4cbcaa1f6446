"""The operator of a lab: runs programs in the only namespace that reaches the hosts, and ssh to hosts."""

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
    """The operator of a lab; its methods also work inside the operator's own namespace."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.state = state
        self._network = Network(name)
        self._keys = Keys(state / "keys")

    @property
    def env(self) -> dict[str, str]:
        """The environment variables of the operator's programs."""
        return {
            "LAB": self.name,
            "SSH_AUTH_SOCK": str(agent_socket(self.name)),
            "DEEPHAVEN_KNOWN_HOSTS": str(self._keys.known_hosts),
        }

    def ssh(self, host: str | int, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run a command on a host through ssh; options are those of `exec`."""
        return self.exec([*self.ssh_argv(host), *command], **options)

    def exec(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002  # subprocess.run's own name
        check: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the operator and capture its output as text; options are those of subprocess.run."""
        settings = {"capture_output": True, "text": True, **self._with_environment(options)}
        if input is None:
            settings.setdefault("stdin", subprocess.DEVNULL)
        else:
            settings["input"] = input
        result: subprocess.CompletedProcess[str] = subprocess.run(self.exec_argv(argv), check=False, **settings)
        if check and result.returncode:
            message = last_line(result.stderr or "") or last_line(result.stdout or "")
            raise LabError(f"lab {self.name}: {' '.join(argv)[-200:]}: status {result.returncode}: {message}")
        return result

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401
        """Start a program as the operator; the process is the program itself, so signals reach it."""
        return subprocess.Popen(self.exec_argv(argv), **{"text": True, **self._with_environment(options)})

    def ssh_argv(self, host: str | int, *options: str) -> list[str]:
        """Return the argument list of ssh to a host, for `exec`, `popen` and interactive use."""
        name = parse_host(host)
        if not Disk(self.state / "hosts" / name.short).exists():
            raise LabError(f"lab {self.name}: {name} missing; create it with up N")
        return ssh_command(name, self._keys.known_hosts, *options)

    def exec_argv(self, argv: Sequence[str]) -> list[str]:
        """Return the argument list that runs a program in the operator's namespace."""
        if not self._network.exists():
            raise LabError(f"lab {self.name}: not up; run python3 -m lab.hosts --lab {self.name} up 1")
        return ["ip", "netns", "exec", self._network.operator, *argv]

    def _with_environment(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "env": {**os.environ, **self.env, **(options.get("env") or {})}}


def ssh_command(host: HostName, known_hosts: Path, *options: str) -> list[str]:
    """Return the ssh command before the remote command; it ignores the user's ssh configuration."""
    settings = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f'"{known_hosts}"',
        "GlobalKnownHostsFile": "/dev/null",
        "ConnectTimeout": "5",
        "LogLevel": "ERROR",
    }
    arguments = [argument for key, value in settings.items() for argument in ("-o", f"{key}={value}")]
    return ["ssh", "-F", "/dev/null", *options, *arguments, f"{USER}@{host.fqdn}"]

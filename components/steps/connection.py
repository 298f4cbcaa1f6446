"""Connections: host keys pinned from known_hosts, authentication left to the operator's ssh-agent.

Nothing of the operator's machine becomes an input of a resource: the agent is found by the plugin through its
environment, and of known_hosts only the pinned key itself is used.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi_command as command

from components.config.models import ClusterConfig
from components.config.project_file import ProjectFile
from components.errors import ConfigurationError, HostConnectionError

# The plugin offers only the pinned key's type; for RSA that would be only ssh-rsa, which newer servers refuse.
PINNED = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
# Any connection field is an input of every step, so these never change: three tries of five seconds.
DIAL_TRIES = 3
DIAL_SECONDS = 5
VARIABLE = "DEEPHAVEN_KNOWN_HOSTS"
LOOKUP_SECONDS = 10
FIELDS = 3  # of a line of known_hosts: names, type, key
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class HostKeyLookupError(HostConnectionError):
    """Host keys cannot be looked up at all, so no other host is tried."""


@dataclass(frozen=True)
class Endpoint:
    """Where and as whom ssh reaches one host, with the host key that must answer there, and the bastion before it."""

    address: str
    port: int
    user: str
    host_key: str
    bastion: "Endpoint | None" = None

    @property
    def where(self) -> str:
        """The connection's target in messages."""
        through = f" through {self.bastion.address}" if self.bastion else ""
        return f"at {self.address} port {self.port}{through}"

    def arguments(self) -> command.remote.ConnectionArgs:
        """Return the connection as pulumi-command takes it."""
        return command.remote.ConnectionArgs(**self._dialled(), proxy=self.bastion.proxy() if self.bastion else None)

    def proxy(self) -> command.remote.ProxyConnectionArgs:
        """Return the connection to a bastion as pulumi-command takes it."""
        return command.remote.ProxyConnectionArgs(**self._dialled())

    def _dialled(self) -> dict[str, Any]:
        return {
            "host": self.address,
            "port": self.port,
            "user": self.user,
            "host_key": self.host_key,
            "dial_error_limit": DIAL_TRIES,
            "per_dial_timeout": DIAL_SECONDS,
        }

    def words(self) -> tuple[str, ...]:
        """Return what the transfer's ssh needs: address, port, user, host key."""
        return self.address, str(self.port), self.user, self.host_key


def load_endpoints(config: ClusterConfig, *, project: Path) -> dict[str, Endpoint]:
    """Return the endpoint of every host by its key, with the bastion that the stack names.

    Raises HostConnectionError with a line for each host whose key is not in known_hosts, or only as RSA; with one line
    when known_hosts is not a file that can be read, or ssh-keygen does not work.
    """
    file, ssh = known_hosts(config, project), config.ssh
    _require_readable(file, config)
    bastion = None
    found: dict[str, Endpoint] = {}
    findings: list[str] = []
    if ssh.bastion:
        address, port, user = ssh.bastion.host, ssh.bastion.port, ssh.bastion.user or ssh.user
        try:
            bastion = _endpoint(file, address, port, user, where="ssh.bastion")
        except HostKeyLookupError:
            raise
        except HostConnectionError as refusal:
            findings += refusal.findings
    for key, host in sorted(config.hosts.items()):
        address, port, user = host.ssh.address or host.fqdn, host.ssh.port or ssh.port, host.ssh.user or ssh.user
        try:
            found[key] = replace(_endpoint(file, address, port, user, where=f"hosts.{key}"), bastion=bastion)
        except HostKeyLookupError:
            raise
        except HostConnectionError as refusal:
            if host.lost:  # nothing will dial it
                found[key] = Endpoint(address, port, user, "")
            else:
                findings += refusal.findings
    if findings:
        raise HostConnectionError(findings)
    return found


def _endpoint(file: Path, address: str, port: int, user: str, *, where: str) -> Endpoint:
    host_key = pinned(_lookup(file, address, port), f"deephaven:cluster.{where}: {address}", file)
    return Endpoint(address, port, user, host_key)


def known_hosts(config: ClusterConfig, project: Path) -> Path:
    """Return the known_hosts file: the stack's, else the environment's, else the operator's own."""
    named = config.ssh.known_hosts or os.environ.get(VARIABLE) or "~/.ssh/known_hosts"
    return project / Path(named).expanduser()


def _require_readable(file: Path, config: ClusterConfig) -> None:
    """Raise HostConnectionError when known_hosts is not a file that ssh-keygen reads to an end; it may be missing."""
    of_environment = not config.ssh.known_hosts and os.environ.get(VARIABLE)
    where = VARIABLE if of_environment else "deephaven:cluster.ssh.known_hosts"
    try:
        ProjectFile(where=where, name=str(file), path=file, expected="the host keys").exists()
    except ConfigurationError as error:
        raise HostConnectionError(error.findings) from None


def pinned(lines: Iterable[str], where: str, file: Path) -> str:
    """Return the key to pin from lines of known_hosts, ed25519 before ecdsa; raises HostConnectionError."""
    keys = dict(_keys(lines))
    for kind in PINNED:
        if kind in keys:
            return f"{kind} {keys[kind]}"
    if keys:
        raise HostConnectionError(
            [f"{where}: {file} has only its {', '.join(sorted(keys))} key; add its ed25519 or ecdsa key"]
        )
    raise HostConnectionError(
        [f"{where}: its host key is missing from {file}; run ssh-keyscan -t ed25519, compare the fingerprint, add it"]
    )


def _keys(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield type and key of each line that has both; marked keys, such as revoked ones, are not pinned."""
    for line in lines:
        fields = line.split()
        if len(fields) >= FIELDS and not line.startswith(("#", "@")) and BASE64.fullmatch(fields[2]):
            yield fields[1], fields[2]


def _lookup(file: Path, address: str, port: int) -> list[str]:
    """Return the lines for one host; ssh-keygen reads hashed names and ports as ssh does."""
    name = address if port == 22 else f"[{address}]:{port}"  # noqa: PLR2004 - ssh's own port
    try:
        done = subprocess.run(
            ["ssh-keygen", "-F", name, "-f", str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",  # a remark in a line may have another encoding
            check=False,
            timeout=LOOKUP_SECONDS,
            env=_without_secrets(os.environ),
        )
    except FileNotFoundError:
        raise HostKeyLookupError(["ssh-keygen: is missing on this machine; install the OpenSSH client"]) from None
    except subprocess.TimeoutExpired:
        remedy = f"run ssh-keygen -F {name} -f {file} to see what it waits for"
        raise HostKeyLookupError([f"{file}: ssh-keygen did not answer within {LOOKUP_SECONDS} s; {remedy}"]) from None
    except OSError as error:
        raise HostKeyLookupError([f"ssh-keygen: cannot be run: {error.strerror}; repair the OpenSSH client"]) from None
    return done.stdout.splitlines()


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without Pulumi's variables: PULUMI_CONFIG holds the stack's secrets in clear."""
    return {name: value for name, value in environment.items() if not name.startswith("PULUMI_")}

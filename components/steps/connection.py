"""Connections: host keys are pinned from known_hosts, and the operator's ssh-agent authenticates.

No setting of the operator's machine becomes an input of a resource: the plugin finds the agent through its environment,
and only the pinned key itself is taken from known_hosts.
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

# The plugin offers only the type of the pinned key; for RSA that is ssh-rsa, which newer servers reject.
PINNED = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
# Every field of a connection is an input of every step, so these must never change: three tries of five seconds.
DIAL_TRIES = 3
DIAL_SECONDS = 5
VARIABLE = "DEEPHAVEN_KNOWN_HOSTS"
LOOKUP_SECONDS = 10
FIELDS = 3  # in a line of known_hosts: names, type, key
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class HostKeyLookupError(HostConnectionError):
    """The lookup of host keys fails for every host, so other hosts are not tried."""


@dataclass(frozen=True)
class Endpoint:
    """The address, port and user for one host, its pinned host key, and the bastion before it."""

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
        """Return the connection in pulumi-command's form."""
        return command.remote.ConnectionArgs(**self._settings(), proxy=self.bastion.proxy() if self.bastion else None)

    def proxy(self) -> command.remote.ProxyConnectionArgs:
        """Return the connection to a bastion in pulumi-command's form."""
        return command.remote.ProxyConnectionArgs(**self._settings())

    def _settings(self) -> dict[str, Any]:
        return {
            "host": self.address,
            "port": self.port,
            "user": self.user,
            "host_key": self.host_key,
            "dial_error_limit": DIAL_TRIES,
            "per_dial_timeout": DIAL_SECONDS,
        }

    def words(self) -> tuple[str, ...]:
        """Return the arguments of a transfer's ssh: address, port, user, host key."""
        return self.address, str(self.port), self.user, self.host_key


def load_endpoints(config: ClusterConfig, *, project: Path) -> dict[str, Endpoint]:
    """Return the endpoint of every host by its key, with the bastion that the stack names.

    Raises HostConnectionError with one line for each host whose key is missing from known_hosts or only of type RSA,
    and with a single line if known_hosts cannot be read or ssh-keygen fails.
    """
    file, ssh = known_hosts(config, project), config.ssh
    _require_readable(file, config)
    bastion = None
    endpoints: dict[str, Endpoint] = {}
    findings: list[str] = []
    if ssh.bastion:
        address, port, user = ssh.bastion.host, ssh.bastion.port, ssh.bastion.user or ssh.user
        try:
            bastion = _endpoint(file, address, port, user, where="ssh.bastion")
        except HostKeyLookupError:
            raise
        except HostConnectionError as error:
            findings += error.findings
    for key, host in sorted(config.hosts.items()):
        address, port, user = host.ssh.address or host.fqdn, host.ssh.port or ssh.port, host.ssh.user or ssh.user
        try:
            endpoints[key] = replace(_endpoint(file, address, port, user, where=f"hosts.{key}"), bastion=bastion)
        except HostKeyLookupError:
            raise
        except HostConnectionError as error:
            if host.lost:  # nothing connects to it
                endpoints[key] = Endpoint(address, port, user, "")
            else:
                findings += error.findings
    if findings:
        raise HostConnectionError(findings)
    return endpoints


def _endpoint(file: Path, address: str, port: int, user: str, *, where: str) -> Endpoint:
    host_key = pinned(_lookup(file, address, port), f"deephaven:cluster.{where}: {address}", file)
    return Endpoint(address, port, user, host_key)


def known_hosts(config: ClusterConfig, project: Path) -> Path:
    """Return the known_hosts file: the stack's, else the environment's, else the operator's own."""
    named = config.ssh.known_hosts or os.environ.get(VARIABLE) or "~/.ssh/known_hosts"
    return project / Path(named).expanduser()


def _require_readable(file: Path, config: ClusterConfig) -> None:
    """Raise HostConnectionError if known_hosts exists and is not a readable regular file."""
    from_environment = not config.ssh.known_hosts and os.environ.get(VARIABLE)
    where = VARIABLE if from_environment else "deephaven:cluster.ssh.known_hosts"
    try:
        ProjectFile(where=where, name=str(file), path=file, expected="the host keys").exists()
    except ConfigurationError as error:
        raise HostConnectionError(error.findings) from None


def pinned(lines: Iterable[str], where: str, file: Path) -> str:
    """Return the key to pin from lines of known_hosts, ed25519 in preference to ecdsa; raises HostConnectionError."""
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
    """Yield type and key of each line that has both; lines with markers, such as @revoked, are skipped."""
    for line in lines:
        fields = line.split()
        if len(fields) >= FIELDS and not line.startswith(("#", "@")) and BASE64.fullmatch(fields[2]):
            yield fields[1], fields[2]


def _lookup(file: Path, address: str, port: int) -> list[str]:
    """Return the lines for one host; ssh-keygen matches hashed names and ports like ssh."""
    name = address if port == 22 else f"[{address}]:{port}"  # noqa: PLR2004 - ssh's own port
    try:
        result = subprocess.run(
            ["ssh-keygen", "-F", name, "-f", str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",  # a comment in a line may have another encoding
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
    return result.stdout.splitlines()


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without Pulumi's variables: PULUMI_CONFIG contains the stack's secrets in plain text."""
    return {name: value for name, value in environment.items() if not name.startswith("PULUMI_")}

"""Names and addresses of a lab, derived from the lab's name and a host's number."""

import re
from dataclasses import dataclass

from lab.hosts.errors import LabError

DOMAIN = "lab.internal"
NETWORK = "10.77.0.0/24"
OPERATOR_ADDRESS = "10.77.0.1"
PREFIX_LENGTH = 24
MAX_HOSTS = 40
USER = "centos"

_LAB_NAME = re.compile(r"[a-z][a-z0-9-]{0,7}")
_SNAPSHOT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST_NAME = re.compile(r"h?([1-9][0-9]?)")


@dataclass(frozen=True, order=True)
class HostName:
    """A host, identified by its number; its names and addresses are the same in every lab."""

    number: int

    @property
    def short(self) -> str:
        """The name on the command line and in the host's prompt."""
        return f"h{self.number}"

    @property
    def fqdn(self) -> str:
        """The name of the host in stack files and certificates."""
        return f"{self.short}.{DOMAIN}"

    @property
    def address(self) -> str:
        """The IPv4 address inside the lab."""
        return f"10.77.0.{10 + self.number}"

    @property
    def mac(self) -> str:
        """The locally administered hardware address."""
        return f"02:4c:41:42:00:{self.number:02x}"

    def __str__(self) -> str:
        return self.short


def check_lab_name(name: str) -> str:
    """Return the name; raise LabError if it cannot be the prefix of a namespace."""
    if _LAB_NAME.fullmatch(name) is None:
        raise LabError(f"lab name {name!r}: not allowed; use a lower-case letter, then up to 7 of a-z, 0-9 and '-'")
    return name


def check_snapshot_name(name: str) -> str:
    """Return the name; raise LabError if it cannot name a directory."""
    if _SNAPSHOT_NAME.fullmatch(name) is None:
        raise LabError(f"snapshot name {name!r}: not allowed; use up to 40 of a-z, 0-9 and '-', not '-' first")
    return name


def parse_host(text: str | int) -> HostName:
    """Parse a host as users write it: h1 or 1."""
    match = _HOST_NAME.fullmatch(str(text))
    number = int(match[1]) if match else 0
    if not 1 <= number <= MAX_HOSTS:
        raise LabError(f"host {str(text)!r}: unknown; use h1 to h{MAX_HOSTS}")
    return HostName(number)


def first_hosts(count: int) -> list[HostName]:
    """Return the hosts that `up COUNT` starts."""
    if not 1 <= count <= MAX_HOSTS:
        raise LabError(f"{count} hosts: out of range; use 1 to {MAX_HOSTS}")
    return [HostName(number) for number in range(1, count + 1)]


def hosts_file() -> str:
    """Return /etc/hosts of hosts and operator; the full name comes first because `hostname -f` prints the first."""
    lines = ["127.0.0.1 localhost localhost.localdomain", f"{OPERATOR_ADDRESS} ops.{DOMAIN} ops"]
    lines += [f"{host.address} {host.fqdn} {host.short}" for host in first_hosts(MAX_HOSTS)]
    return "\n".join(lines) + "\n"

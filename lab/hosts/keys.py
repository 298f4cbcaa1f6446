"""The keys of a lab: one client key, and for each host a key of each type, generated once and kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.hosts.names import HostName
from lab.hosts.process import run

HOST_KEY_TYPES = ("ed25519", "ecdsa", "rsa")
_BITS = {"rsa": ("-b", "2048")}  # as CentOS 7's sshd-keygen does; longer ones take seconds


class Keys:
    """The keys in one lab's state directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.client = directory / "id_ed25519"
        self.known_hosts = directory.parent / "known_hosts"

    def generate(self, hosts: list[HostName]) -> None:
        """Generate the missing keys, and write known_hosts for all hosts that have keys."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = [(self.host_key(host, kind), kind, host.fqdn) for host in hosts for kind in HOST_KEY_TYPES]
        keys.append((self.client, "ed25519", "operator"))
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda key: _generate_key(*key), keys))
        if any(self._line(host, "rsa") not in self._recorded() for host in hosts):
            lines = [self._line(host, kind) for host in self._hosts() for kind in HOST_KEY_TYPES]
            self.known_hosts.write_text("".join(lines))

    def host_key(self, host: HostName, kind: str) -> Path:
        """Return the private key file of a host; the public key is next to it."""
        return self._directory / f"{host.short}_{kind}_key"

    def authorized_keys(self) -> str:
        """Return the text of ~/.ssh/authorized_keys on the hosts."""
        return public(self.client).read_text()

    def _hosts(self) -> list[HostName]:
        names = (path.name.split("_")[0] for path in self._directory.glob("h*_rsa_key.pub"))
        return sorted(HostName(int(name[1:])) for name in names)

    def _line(self, host: HostName, kind: str) -> str:
        algorithm, blob = public(self.host_key(host, kind)).read_text().split()[:2]
        return f"{host.fqdn},{host.address} {algorithm} {blob}\n"

    def _recorded(self) -> str:
        return self.known_hosts.read_text() if self.known_hosts.exists() else ""


def public(private: Path) -> Path:
    """Return the public key file of a private key file."""
    return private.with_name(f"{private.name}.pub")


def _generate_key(path: Path, kind: str, comment: str) -> None:
    if not public(path).exists():  # ssh-keygen writes the public key last
        path.unlink(missing_ok=True)
        run("ssh-keygen", "-q", "-t", kind, *_BITS.get(kind, ()), "-N", "", "-C", comment, "-f", path)

"""The network namespaces of a lab: the switch, the operator and each host; the root namespace stays untouched."""

import re
from pathlib import Path

from lab.hosts.names import OPERATOR_ADDRESS, PREFIX_LENGTH, HostName, hosts_file
from lab.hosts.process import run

_NAMESPACES = Path("/run/netns")
_QUIET = (
    "net.ipv6.conf.all.disable_ipv6=1",
    "net.ipv6.conf.default.disable_ipv6=1",
)


class Network:
    """The network of one lab."""

    def __init__(self, lab: str) -> None:
        self._lab = lab
        self.switch = f"{lab}-sw"
        self.operator = f"{lab}-ops"
        self._operator_files = Path("/etc/netns") / self.operator

    def namespace(self, host: HostName) -> str:
        """Return the namespace of a host."""
        return f"{self._lab}-{host.short}"

    def up(self) -> None:
        """Create the switch and the operator's namespace if they are missing."""
        if not _exists(self.switch):
            _add(self.switch)
            _links(self.switch, "link add br0 type bridge forward_delay 0 stp_state 0", "link set br0 up")
        if not _exists(self.operator):
            self._plug(self.operator, OPERATOR_ADDRESS, "02:4c:41:42:00:fe", "p-ops")
        # `ip netns exec` mounts these files over those in /etc.
        self._operator_files.mkdir(parents=True, exist_ok=True)
        (self._operator_files / "hosts").write_text(hosts_file())
        (self._operator_files / "resolv.conf").write_text("")

    def exists(self) -> bool:
        """Return whether the operator's namespace exists."""
        return _exists(self.operator)

    def plug(self, host: HostName) -> None:
        """Create a host's namespace, connected to the switch, if it is missing."""
        if not _exists(self.namespace(host)):
            self._plug(self.namespace(host), host.address, host.mac, _port(host))

    def connect(self, host: HostName) -> None:
        """Turn the host's switch port on."""
        _links(self.switch, f"link set {_port(host)} up")

    def disconnect(self, host: HostName) -> None:
        """Turn the host's switch port off, so that the host is isolated."""
        _links(self.switch, f"link set {_port(host)} down")

    def connected(self, host: HostName) -> bool:
        """Return whether the host's switch port is on."""
        ports = run("ip", "-n", self.switch, "-o", "link", "show", "up")
        return f"{_port(host)}@" in ports

    def down(self) -> None:
        """Remove the namespaces, and with them every link."""
        ours = re.compile(rf"{self._lab}-(sw|ops|h\d+)")
        for path in sorted(_NAMESPACES.glob(f"{self._lab}-*")):
            if ours.fullmatch(path.name):
                run("ip", "netns", "delete", path.name)
        for file in ("hosts", "resolv.conf"):
            (self._operator_files / file).unlink(missing_ok=True)
        for directory in (self._operator_files, self._operator_files.parent):
            if directory.exists() and not any(directory.iterdir()):
                directory.rmdir()

    def _plug(self, namespace: str, address: str, mac: str, port: str) -> None:
        _add(namespace)
        run(
            "ip",
            "link",
            "add",
            "eth0",
            "netns",
            namespace,
            "address",
            mac,
            "type",
            "veth",
            "peer",
            "name",
            port,
            "netns",
            self.switch,
        )
        _links(self.switch, f"link set {port} master br0 up")
        _links(namespace, "link set lo up", f"addr add {address}/{PREFIX_LENGTH} dev eth0", "link set eth0 up")


def _port(host: HostName) -> str:
    return f"p-{host.short}"


def _exists(namespace: str) -> bool:
    return (_NAMESPACES / namespace).exists()


def _add(namespace: str) -> None:
    run("ip", "netns", "add", namespace)
    run("ip", "netns", "exec", namespace, "sysctl", "-q", "-e", "-w", *_QUIET)


def _links(namespace: str, *commands: str) -> None:
    run("ip", "-n", namespace, "-batch", "-", data="\n".join(commands) + "\n")

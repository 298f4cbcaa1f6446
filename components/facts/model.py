"""What is known of a host: facts, or why there are none. Plain values; nothing here connects anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.topology.manifest import ManifestFile

ABSENT = "absent"
MACHINE = 8  # characters of a machine-id in messages


@dataclass(frozen=True)
class Unreachable:
    """A host that could not be read: what is wrong, and what to do."""

    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The host's clock against the operator's: the host is ahead by at least `low` and at most `high` seconds."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The best guess of how far the host is ahead."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, kw_only=True)
class System:
    """What the machine is: of `os`, ID and VERSION_ID of os-release; memory and swap in bytes."""

    os: str
    os_version: str
    os_name: str
    architecture: str
    systemd: bool
    cpus: int
    memory: int
    swap: int
    open_files: int
    host_name: str
    machine_id: str
    boot_time: int
    selinux: str
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Filesystem:
    """Where a directory lies, or would lie: on which file system, mounted where, with how many free bytes.

    `inode` and `changed` are the directory's own; both are empty while it does not exist.
    """

    path: str
    inode: str
    changed: str
    size: int
    free: int
    kind: str
    source: str
    mounted_at: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the host, with its main group's id."""

    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A systemd unit: the states of systemctl is-enabled and is-active, both empty when the unit is missing."""

    enabled: str
    active: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a step's last success left: when, as which host on which machine, and its watched files' digests.

    `files` has the digests as the step left them, `now` as they are, "absent" for a file that is not there. `host` and
    `machine` are empty in receipts of older programs. `damage` is the reason why a receipt cannot be read.
    """

    time: str = ""
    host: str = ""
    machine: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)
    damage: str = ""

    @property
    def changed(self) -> tuple[str, ...]:
        """The watched files that are not what the step left, in order."""
        return tuple(path for path, digest in sorted(self.files.items()) if self.now.get(path, ABSENT) != digest)


@dataclass(frozen=True)
class Damaged:
    """A file of this program on a host that cannot be read: why."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All facts of one host.

    Names and ports are those of the queries: `forward` has the addresses by name, `reverse` the name by
    address, `listening` the program by port, `peers` the outcome of a connection by "address/port": "open", "refused",
    "silent" or what went wrong. `packages` says which of the distribution's are installed, `product` is version-release
    of the installed product, or empty. `etcd_data` are the directories of etcd members. `upload` is true if the
    upload directory exists and is private to the ssh user. `manifest` is the file of the cluster manifest.
    """

    system: System
    filesystems: Mapping[str, Filesystem]
    accounts: Mapping[str, Account]
    java: str
    forward: Mapping[str, tuple[str, ...]]
    reverse: Mapping[str, str]
    listening: Mapping[int, str]
    peers: Mapping[str, str]
    packages: Mapping[str, bool]
    product: str
    etcd_data: tuple[str, ...]
    units: Mapping[str, Unit]
    monit: Mapping[str, str]
    receipts: Mapping[str, Receipt]
    attempts: tuple[str, ...]
    upload: bool
    manifest: ManifestFile | Damaged | None

    @property
    def owners(self) -> frozenset[tuple[str, str]]:
        """As which host, and on which machine-id, steps succeeded here; older receipts lack both."""
        return frozenset((one.host, one.machine) for one in self.receipts.values() if one.host and one.machine)

    @property
    def untouched(self) -> bool:
        """Whether no step has ever succeeded here and the product is not installed."""
        return not self.receipts and not self.product


HostFacts = Facts | Unreachable

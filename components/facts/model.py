"""The facts of a host, or why there are none. Plain values, without connections."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.topology.manifest import ManifestFile

ABSENT = "absent"
MACHINE = 8  # characters of a machine-id in messages


@dataclass(frozen=True)
class Unreachable:
    """A host that could not be read: the reason, and what to do.

    `answers` is true if a login succeeds, but the query did not run, or its answer is damaged. Steps would not run
    either, and such a login may end with status 0.
    """

    reason: str
    remedy: str
    answers: bool = False


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The host's clock compared with the operator's: it is ahead by at least `low` and at most `high` seconds."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The best estimate of how far the host is ahead."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, kw_only=True)
class System:
    """The machine: `os` and `os_version` are ID and VERSION_ID of os-release, memory and swap are in bytes."""

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
    """The file system on which a directory is, or would be created: its mount point, source, size and free bytes.

    `inode` and `changed` are those of the directory; both are empty while it does not exist.
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
    """A systemd unit: the states of systemctl is-enabled and is-active, both empty if the unit is missing."""

    enabled: str
    active: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The record of a step's last success: when, as which host, on which machine, with which inputs and tracked files.

    `files` has the digests that the step recorded, `now` the current ones, with "absent" for a missing file. `inputs`
    is the digest of the step's inputs. `host`, `machine` and `inputs` are empty in receipts of older programs. `damage`
    is the reason why a receipt cannot be read.
    """

    time: str = ""
    host: str = ""
    machine: str = ""
    inputs: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)
    damage: str = ""

    @property
    def changed(self) -> tuple[str, ...]:
        """The tracked files that differ from what the step recorded, in order."""
        return tuple(path for path, digest in sorted(self.files.items()) if self.now.get(path, ABSENT) != digest)


@dataclass(frozen=True)
class Damaged:
    """A file of this program on a host that cannot be read, with the reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All facts of one host.

    The queries define the names and ports. `forward` has the addresses by name, `reverse` the name by address,
    `listening` the program by port, `peers` the outcome of a connection by "address/port": "open", "refused", "silent"
    or an error. `packages` has whether a package of the distribution is installed, `product` is version-release of the
    installed product, or empty. `etcd_data` are the data directories of etcd members. `upload` is true if the upload
    directory exists and is private to the ssh user. `manifest` is the file of the cluster manifest.
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
        """The hosts and machine-ids that receipts name; those of older programs lack both."""
        receipts = self.receipts.values()
        return frozenset((receipt.host, receipt.machine) for receipt in receipts if receipt.host and receipt.machine)

    @property
    def untouched(self) -> bool:
        """Whether no step has ever succeeded here and the product is not installed."""
        return not self.receipts and not self.product


HostFacts = Facts | Unreachable

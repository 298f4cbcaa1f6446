"""The directories that a host's roles need: free space, kind, and one file system where the guide requires it."""

from collections.abc import Iterator

from components.config.units import show_size
from components.facts.model import Filesystem
from components.preflight.finding import Known, Violation, some
from components.release.model import Storage
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "afs", "9p"})
VOLATILE = frozenset({"tmpfs", "ramfs"})
ROOT = "/"


def space(spec: DeploymentSpec, known: Known, limit: float) -> Iterator[Violation]:
    """Yield directories with too little free space; a limit of 0 means the release profile's sizes."""
    for node, storage, place in _places(spec, known):
        needed = limit or storage.free
        if place.free < needed:
            found = f"{show_size(place.free)} free for {place.path}"
            remedy = f"enlarge {place.mounted_at}, or mount a file system of its own there"
            yield Violation(node=node, found=found, needed=show_size(needed), remedy=remedy)


def kind(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield directories on the network, or in memory, where the guide wants directly attached storage."""
    for node, storage, place in _places(spec, known):
        found = f"{place.kind} at {place.path}"
        if place.kind in VOLATILE:
            remedy = "mount a disk there: all of it is lost when the host restarts"
            yield Violation(node=node, found=found, needed="a disk", remedy=remedy)
        elif storage.kind == "local" and place.kind in NETWORK:
            remedy = "mount a local disk there (guide: low-latency direct attached)"
            yield Violation(node=node, found=found, needed="a local disk", remedy=remedy)


def shared(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts that see another file system than most where all must see the same one."""
    for storage in spec.profile.storage:
        if storage.kind == "shared":
            filesystems = dict(_of(spec, known, storage))
            yield from _strangers(spec, filesystems)


def _strangers(spec: DeploymentSpec, filesystems: dict[str, Filesystem]) -> Iterator[Violation]:
    groups = [
        [other for other in filesystems if other == key or same(place, filesystems[other])]
        for key, place in filesystems.items()
    ]
    largest = max(groups, key=len, default=[])
    if len(largest) == len(filesystems):
        return
    right = largest if len(largest) > 1 else []
    needed = f"that of {some(right)}" if right else "one file system for all"
    for key, place in filesystems.items():
        if key not in right:
            found = f"{place.kind} {place.source} at {place.mounted_at}"
            remedy = f"mount the shared file system at {place.path}: see mounts"
            yield Violation(node=spec.cluster.nodes[key], found=found, needed=needed, remedy=remedy)


def same(one: Filesystem, other: Filesystem) -> bool:
    """Return whether two hosts see the same directory of the same file system, without writing anything.

    Its inode and the time of its last change are the file system's own, on an NFS server as on its clients. Machines
    made from one image have them alike on their own disks: so a directory of the root file system is never shared.
    Clients may see a change a little later than others, so the same export is enough for them.
    """
    if not one.inode or one.inode != other.inode or ROOT == one.mounted_at == other.mounted_at:
        return False
    export = one.kind in NETWORK and one.source == other.source
    return export or one.changed == other.changed


def _places(spec: DeploymentSpec, known: Known) -> Iterator[tuple[Node, Storage, Filesystem]]:
    for storage in spec.profile.storage:
        for key, place in _of(spec, known, storage):
            yield spec.cluster.nodes[key], storage, place


def _of(spec: DeploymentSpec, known: Known, storage: Storage) -> Iterator[tuple[str, Filesystem]]:
    """Yield where a directory lies on the hosts that need it, but for what the stack is going to mount."""
    needing = {node.key for group in storage.hosts for node in spec.hosts_in(group)}
    for key in sorted(needing & known.keys()):
        place = known[key].filesystems.get(storage.path)
        if place and not _to_be_mounted(spec, key, place):
            yield key, place


def _to_be_mounted(spec: DeploymentSpec, key: str, place: Filesystem) -> bool:
    """Return whether the update itself will mount the file system there, the first time or again."""
    declared = [mount.path for mount in spec.cluster.mounts_of(key)]
    above = [path for path in declared if f"{place.path}/".startswith(f"{path}/")]
    return bool(above) and place.mounted_at not in above

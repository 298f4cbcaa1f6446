"""Checks of directories that a host's roles need: free space, kind, and one file system where the guide requires it."""

from collections.abc import Iterator

from components.config.units import show_size
from components.facts.model import Filesystem
from components.preflight.finding import Hosts, Violation, some
from components.release.model import Storage
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "afs", "9p"})
VOLATILE = frozenset({"tmpfs", "ramfs"})
ROOT = "/"


def space(spec: DeploymentSpec, hosts: Hosts, limit: float) -> Iterator[Violation]:
    """Yield directories with too little free space; a limit of 0 means the release profile's sizes."""
    for node, storage, filesystem in _filesystems(spec, hosts):
        required = limit or storage.free
        if filesystem.free < required:
            actual = f"{show_size(filesystem.free)} free for {filesystem.path}"
            remedy = f"enlarge {filesystem.mounted_at}, or mount a separate file system there"
            yield Violation(node=node, actual=actual, required=show_size(required), remedy=remedy)


def kind(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield directories on the network or in memory where the guide requires directly attached storage."""
    for node, storage, filesystem in _filesystems(spec, hosts):
        actual = f"{filesystem.kind} at {filesystem.path}"
        if filesystem.kind in VOLATILE:
            remedy = "mount a disk there: its content is lost when the host restarts"
            yield Violation(node=node, actual=actual, required="a disk", remedy=remedy)
        elif storage.kind == "local" and filesystem.kind in NETWORK:
            remedy = "mount a local disk there (guide: low-latency direct attached)"
            yield Violation(node=node, actual=actual, required="a local disk", remedy=remedy)


def shared(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose file system differs from that of most hosts, where all must have the same one."""
    for storage in spec.profile.storage:
        if storage.kind == "shared":
            filesystems = dict(_of(spec, hosts, storage))
            yield from _outliers(spec, filesystems)


def _outliers(spec: DeploymentSpec, filesystems: dict[str, Filesystem]) -> Iterator[Violation]:
    groups = [
        [other for other in filesystems if other == key or same(filesystem, filesystems[other])]
        for key, filesystem in filesystems.items()
    ]
    largest = max(groups, key=len, default=[])
    if len(largest) == len(filesystems):
        return
    majority = largest if len(largest) > 1 else []
    required = f"the same as {some(majority)}" if majority else "one file system for all"
    for key, filesystem in filesystems.items():
        if key not in majority:
            actual = f"{filesystem.kind} {filesystem.source} at {filesystem.mounted_at}"
            remedy = f"mount the shared file system at {filesystem.path}, see mounts"
            yield Violation(node=spec.cluster.nodes[key], actual=actual, required=required, remedy=remedy)


def same(first: Filesystem, second: Filesystem) -> bool:
    """Return whether two hosts have the same directory of the same file system, without writing to it.

    A directory's inode and change time are the same on an NFS server and its clients. They are also the same on the
    disks of machines that were created from one image, so a directory on the root file system is never shared. Clients
    may see a change late, so the same export is enough for them.
    """
    if not first.inode or first.inode != second.inode or ROOT == first.mounted_at == second.mounted_at:
        return False
    export = first.kind in NETWORK and first.source == second.source
    return export or first.changed == second.changed


def _filesystems(spec: DeploymentSpec, hosts: Hosts) -> Iterator[tuple[Node, Storage, Filesystem]]:
    for storage in spec.profile.storage:
        for key, filesystem in _of(spec, hosts, storage):
            yield spec.cluster.nodes[key], storage, filesystem


def _of(spec: DeploymentSpec, hosts: Hosts, storage: Storage) -> Iterator[tuple[str, Filesystem]]:
    """Yield the file system of a directory on each host that needs it, except those that the stack will mount."""
    needing = {node.key for group in storage.hosts for node in spec.hosts_in(group)}
    for key in sorted(needing & hosts.keys()):
        filesystem = hosts[key].filesystems.get(storage.path)
        if filesystem and not _to_be_mounted(spec, key, filesystem):
            yield key, filesystem


def _to_be_mounted(spec: DeploymentSpec, key: str, filesystem: Filesystem) -> bool:
    """Return whether the update itself will mount the file system there, for the first time or again."""
    declared = [mount.path for mount in spec.cluster.mounts_of(key)]
    above = [path for path in declared if f"{filesystem.path}/".startswith(f"{path}/")]
    return bool(above) and filesystem.mounted_at not in above

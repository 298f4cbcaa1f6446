"""The directories of a host's duties: room, kind, and one file system where the guide wants it shared."""

from collections.abc import Iterator

from components.config.units import show_size
from components.facts.model import Place
from components.preflight.finding import Known, Miss, some
from components.release.model import Storage
from components.release.spec import Site
from components.topology.cluster import Node

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "afs", "9p"})
VOLATILE = frozenset({"tmpfs", "ramfs"})
ROOT = "/"


def space(site: Site, known: Known, limit: float) -> Iterator[Miss]:
    """Yield directories with too little free space; a limit of 0 stands for the release profile's sizes."""
    for node, storage, place in _places(site, known):
        needed = limit or storage.free
        if place.free < needed:
            found = f"{show_size(place.free)} free for {place.path}"
            remedy = f"enlarge {place.mounted_at}, or mount a file system of its own there"
            yield Miss(node=node, found=found, needed=show_size(needed), remedy=remedy)


def kind(site: Site, known: Known, _limit: float) -> Iterator[Miss]:
    """Yield directories on the network, or in memory, where the guide wants directly attached storage."""
    for node, storage, place in _places(site, known):
        found = f"{place.kind} at {place.path}"
        if place.kind in VOLATILE:
            remedy = "mount a disk there: all of it is lost when the host restarts"
            yield Miss(node=node, found=found, needed="a disk", remedy=remedy)
        elif storage.kind == "local" and place.kind in NETWORK:
            remedy = "mount a local disk there (guide: low-latency direct attached)"
            yield Miss(node=node, found=found, needed="a local disk", remedy=remedy)


def shared(site: Site, known: Known, _limit: float) -> Iterator[Miss]:
    """Yield hosts that see another file system than most where all must see the same one."""
    for storage in site.profile.storage:
        if storage.kind == "shared":
            places = dict(_of(site, known, storage))
            yield from _strangers(site, places)


def _strangers(site: Site, places: dict[str, Place]) -> Iterator[Miss]:
    groups = [
        [other for other in places if other == key or same(place, places[other])] for key, place in places.items()
    ]
    largest = max(groups, key=len, default=[])
    if len(largest) == len(places):
        return
    right = largest if len(largest) > 1 else []
    needed = f"that of {some(right)}" if right else "one file system for all"
    for key, place in places.items():
        if key not in right:
            found = f"{place.kind} {place.source} at {place.mounted_at}"
            remedy = f"mount the shared file system at {place.path}: see mounts"
            yield Miss(node=site.cluster.nodes[key], found=found, needed=needed, remedy=remedy)


def same(one: Place, other: Place) -> bool:
    """Say whether two hosts see the same directory of the same file system, told without writing anything.

    Its inode and the time of its last change are the file system's own, on an NFS server as on its clients. Machines
    made from one image have them alike on their own disks: a directory of the root file system is no shared one.
    Clients may see a change a little later than others, so the same export is enough for them.
    """
    if not one.inode or one.inode != other.inode or ROOT == one.mounted_at == other.mounted_at:
        return False
    export = one.kind in NETWORK and one.source == other.source
    return export or one.changed == other.changed


def _places(site: Site, known: Known) -> Iterator[tuple[Node, Storage, Place]]:
    for storage in site.profile.storage:
        for key, place in _of(site, known, storage):
            yield site.cluster.nodes[key], storage, place


def _of(site: Site, known: Known, storage: Storage) -> Iterator[tuple[str, Place]]:
    """Yield where a directory lies on the hosts that need it, but for what the stack is going to mount."""
    needing = {node.key for noun in storage.hosts for node in site.on(noun)}
    for key in sorted(needing & known.keys()):
        place = known[key].places.get(storage.path)
        if place and not _to_be_mounted(site, key, place):
            yield key, place


def _to_be_mounted(site: Site, key: str, place: Place) -> bool:
    """Say whether the update itself will mount what belongs there, the first time or again."""
    declared = [mount.path for mount in site.cluster.mounts_of(key)]
    above = [path for path in declared if f"{place.path}/".startswith(f"{path}/")]
    return bool(above) and place.mounted_at not in above

"""Building what hosts stand on: base, layer of openSUSE, repository of packages; a step that is done is skipped."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from lab.hosts import apt, machine, repository, stubs
from lab.hosts.disk import DRESS
from lab.hosts.errors import LabError
from lab.hosts.packages import SOURCES, debs, repackage
from lab.hosts.paths import APT_SOURCES, BASE, BUILD, DEBS, HERE, OPENSUSE, PACKAGES, STATE, dress_layer
from lab.hosts.process import run_logged
from lab.hosts.stamp import Stamp

_LOG = BUILD / "base.log"
_OPENSUSE_LOG = BUILD / "opensuse.log"


def build() -> list[str]:
    """Build what is missing or out of date; return the names of what was built."""
    with machine.locked(BUILD / "hosts.lock"):
        apt.write_sources(APT_SOURCES)
        steps = (("base", _build_base), (OPENSUSE, _build_opensuse), ("packages", _build_packages))
        return [name for name, step in steps if step()]


def require_built(dresses: Iterable[str] = ()) -> None:
    """Refuse to go on without a complete base and repository; whether they are up to date is `build`'s question."""
    stamps = [_base_stamp(), _packages_stamp(), *(_opensuse_stamp() for dress in dresses if dress == OPENSUSE)]
    if not all(stamp.complete() for stamp in stamps):
        raise LabError("no base or no package repository for the hosts: run python3 -m lab.hosts build")


def _build_base() -> bool:
    stamp = _base_stamp()
    if stamp.fits():
        return False
    _refuse_below_hosts("base", "h*")
    root, fetched = BUILD / "base.new", BUILD / "debs.new"
    _discard(root, fetched)
    BUILD.mkdir(exist_ok=True)
    run_logged(_LOG, "unshare", "--mount", HERE / "base/build.sh", root, fetched, APT_SOURCES, *debs())
    run_logged(BUILD / "customize.log", HERE / "base/customize.sh", root)
    stubs.register(root)
    stamp.remove()
    _discard(BASE, DEBS)
    fetched.rename(DEBS)
    root.rename(BASE)
    stamp.write()
    return True


def _build_opensuse() -> bool:
    stamp = _opensuse_stamp()
    if stamp.fits():
        return False
    _refuse_below_hosts("layer of openSUSE", f"h*/{DRESS}")
    layer = dress_layer(OPENSUSE)
    made = layer.with_name(f"{OPENSUSE}.new")
    _discard(made, *BUILD.glob(f"{made.name}.*"))
    run_logged(_OPENSUSE_LOG, "unshare", "--mount", HERE / "opensuse/build.sh", BASE, made, APT_SOURCES)
    stamp.remove()
    _discard(layer)
    made.rename(layer)
    stamp.write()
    return True


def _build_packages() -> bool:
    stamp = _packages_stamp()
    if stamp.fits():
        return False
    stamp.remove()
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        repackage(source, DEBS, PACKAGES)
    repository.index()
    stamp.write()
    return True


def _base_stamp() -> Stamp:
    lists = [source / "debs.txt" for source in SOURCES]
    code = [HERE / name for name in ("base", "rpm.py", "stubs.py")]
    return Stamp(BASE, [*lists, *code, APT_SOURCES])


def _opensuse_stamp() -> Stamp:
    return Stamp(dress_layer(OPENSUSE), [HERE / "opensuse", *_of_this_base()])


def _packages_stamp() -> Stamp:
    return Stamp(PACKAGES, [HERE / "packages", *_of_this_base()])  # a new base brought new .deb files


def _of_this_base() -> list[Path]:
    made_of = BASE.with_name(f"{BASE.name}.stamp")
    return [made_of] if made_of.exists() else []


def _refuse_below_hosts(what: str, hosts: str) -> None:
    """Refuse to replace what hosts stand on; `hosts` is a pattern below the labs' directories of hosts."""
    labs = sorted({path.relative_to(STATE).parts[0] for path in STATE.glob(f"*/hosts/{hosts}")})
    if labs:
        downs = "; ".join(f"python3 -m lab.hosts --lab {lab} down" for lab in labs)
        raise LabError(f"the {what} is out of date, but hosts stand on it: run {downs}")


def _discard(*directories: Path) -> None:
    for directory in directories:
        _refuse_mounts(directory)
        shutil.rmtree(directory, ignore_errors=True)


def _refuse_mounts(directory: Path) -> None:
    """Never delete through a mount that an interrupted build may have left."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    below = [mount.split()[1] for mount in mounts if mount.split()[1].startswith(f"{directory}/")]
    if below:
        raise LabError(f"{directory}: {below[-1]} is mounted; unmount it first")

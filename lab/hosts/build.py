"""Builds what hosts run on: the base, the openSUSE layer and the package repository, each only when out of date."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from lab.hosts import apt, machine, repository, stubs
from lab.hosts.disk import OS_IMAGE
from lab.hosts.errors import LabError
from lab.hosts.packages import SOURCES, debs, repackage
from lab.hosts.paths import APT_SOURCES, BASE, BUILD, DEBS, HERE, OPENSUSE, PACKAGES, STATE, os_image_layer
from lab.hosts.process import run_logged
from lab.hosts.stamp import Stamp

_LOG = BUILD / "base.log"
_OPENSUSE_LOG = BUILD / "opensuse.log"


def build() -> list[str]:
    """Build what is missing or out of date; return the names of the parts that were built."""
    with machine.locked(BUILD / "hosts.lock"):
        apt.write_sources(APT_SOURCES)
        steps = (("base", _build_base), (OPENSUSE, _build_opensuse), ("packages", _build_packages))
        return [name for name, step in steps if step()]


def require_built(os_images: Iterable[str] = ()) -> None:
    """Raise LabError unless base, layers and repository are complete; only `build` checks that they are up to date."""
    stamps = [_base_stamp(), _packages_stamp(), *(_opensuse_stamp() for name in os_images if name == OPENSUSE)]
    if not all(stamp.complete() for stamp in stamps):
        raise LabError("lab/.build: base or package repository missing; run python3 -m lab.hosts build")


def _build_base() -> bool:
    stamp = _base_stamp()
    if stamp.fits():
        return False
    _refuse_if_used("base", "h*")
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
    _refuse_if_used("openSUSE layer", f"h*/{OS_IMAGE}")
    layer = os_image_layer(OPENSUSE)
    new = layer.with_name(f"{OPENSUSE}.new")
    _discard(new, *BUILD.glob(f"{new.name}.*"))
    run_logged(_OPENSUSE_LOG, "unshare", "--mount", HERE / "opensuse/build.sh", BASE, new, APT_SOURCES)
    stamp.remove()
    _discard(layer)
    new.rename(layer)
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
    return Stamp(os_image_layer(OPENSUSE), [HERE / "opensuse", *_base_stamp_file()])


def _packages_stamp() -> Stamp:
    return Stamp(PACKAGES, [HERE / "packages", *_base_stamp_file()])  # a new base comes with new .deb files


def _base_stamp_file() -> list[Path]:
    stamp = BASE.with_name(f"{BASE.name}.stamp")
    return [stamp] if stamp.exists() else []


def _refuse_if_used(part: str, hosts: str) -> None:
    """Refuse to replace a layer that hosts use; `hosts` is a pattern below each lab's directory of hosts."""
    labs = sorted({path.relative_to(STATE).parts[0] for path in STATE.glob(f"*/hosts/{hosts}")})
    if labs:
        downs = "; ".join(f"python3 -m lab.hosts --lab {lab} down" for lab in labs)
        raise LabError(f"{part}: out of date, but hosts use it; run {downs}")


def _discard(*directories: Path) -> None:
    for directory in directories:
        _refuse_mounts(directory)
        shutil.rmtree(directory, ignore_errors=True)


def _refuse_mounts(directory: Path) -> None:
    """Refuse to delete through a mount that an interrupted build may have left."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    below = [mount.split()[1] for mount in mounts if mount.split()[1].startswith(f"{directory}/")]
    if below:
        raise LabError(f"{directory}: {below[-1]} is mounted; unmount it first")

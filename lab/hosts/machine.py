"""The machine that the labs run on: its prerequisites, and the few settings that labs share.

While any lab is up, a route rejects the labs' addresses outside their namespaces, and the limit of inotify
instances is high enough for many hosts. The last lab that is taken down restores both.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lab.hosts.apt import RELEASES
from lab.hosts.errors import LabError
from lab.hosts.names import NETWORK
from lab.hosts.paths import RUN, STATE
from lab.hosts.process import run

INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_NEEDED = 4096
_INOTIFY_BEFORE = RUN / "inotify.before"
_LABS = RUN / "labs"
_LOCK = RUN / "lock"
_REFUSALS = {"unreachable", "blackhole", "prohibit"}
_TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "rpmbuild": "rpm",
    "createrepo_c": "createrepo-c",
    "ip": "iproute2",
    "sysctl": "procps",
    "ssh-agent": "openssh-client",
    "setsid": "util-linux",
}


def require() -> None:
    """Raise LabError on a machine that cannot run the lab, with the packages to install."""
    if os.geteuid() != 0:
        raise LabError("user: lab hosts need root for namespaces and mounts; run this as root")
    if not _is_known_debian():
        raise LabError(
            f"machine: the lab needs Debian {' or '.join(RELEASES)}; use such a machine (a virtual one is enough)"
        )
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        raise LabError(f"machine: programs missing; run apt-get install -y {' '.join(missing)}")


def _is_known_debian(file: Path = Path("/etc/os-release")) -> bool:
    lines = file.read_text().splitlines() if file.exists() else []
    return "ID=debian" in lines and any(f'VERSION_ID="{version}"' in lines for version in RELEASES)


def cgroup2() -> Path:
    """Return the mount point of the unified cgroup hierarchy, whether or not version 1 is mounted as well."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind = line.split()[:3]
        if kind == "cgroup2":
            return Path(where)
    raise LabError(
        "machine: cgroup2 is not mounted; in a shell of the operator use only ssh and exec, and other verbs outside it"
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock against other commands of labs while something shared changes; the lock file may be removed."""
    with _lock(path):
        yield


def _lock(path: Path) -> IO[str]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return file
        file.close()  # the previous holder removed the file, so lock a new one


def claim(lab: str) -> None:
    """Record that a lab is up, and apply the settings that labs need to the machine."""
    mark = _LABS / lab
    with locked(_LOCK):
        _refuse_foreign_network()
        if mark.exists() and mark.read_text() != str(STATE):
            raise LabError(
                f"lab {lab}: the name is in use by {mark.read_text()}; use another name or take that lab down"
            )
        _LABS.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(STATE))
        _raise_inotify()
        _refuse_addresses()


def release(lab: str) -> None:
    """Record that a lab is down; after the last one, restore the machine's settings."""
    with locked(_LOCK):
        mark = _LABS / lab
        if mark.exists() and mark.read_text() == str(STATE):
            mark.unlink()
        if not any(_LABS.glob("*")):
            _restore_inotify()
            run("ip", "route", "flush", "type", "unreachable", "exact", NETWORK)
            shutil.rmtree(RUN)


def _raise_inotify() -> None:
    before = INOTIFY.read_text()
    if int(before) < INOTIFY_NEEDED:
        _INOTIFY_BEFORE.write_text(before)
        INOTIFY.write_text(str(INOTIFY_NEEDED))


def _restore_inotify() -> None:
    if _INOTIFY_BEFORE.exists():
        INOTIFY.write_text(_INOTIFY_BEFORE.read_text())


def _refuse_addresses() -> None:
    """Keep packets to lab addresses off the machine's default route."""
    run("ip", "route", "replace", "unreachable", NETWORK)


def _refuse_foreign_network() -> None:
    routes = run("ip", "route", "show", "to", "root", NETWORK).splitlines()
    used = [route for route in routes if route.split()[0] not in _REFUSALS]
    if used:
        raise LabError(f"network {NETWORK}: in use on this machine ({used[0].strip()}); run the lab on another one")

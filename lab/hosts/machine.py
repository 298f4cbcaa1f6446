"""The machine under the labs: what it must have, and the few settings that labs share.

While any lab is up, a route refuses the labs' addresses outside their name spaces, and the limit of inotify
instances is high enough for many hosts. The last lab that goes puts both back.
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
    """Refuse a machine on which the lab cannot work, and say what to install."""
    if os.geteuid() != 0:
        raise LabError("not root: lab hosts need name spaces and mounts; run this as root")
    if not _is_known_debian():
        raise LabError(
            f"this machine is not Debian {' or '.join(RELEASES)}; run the lab on one (a virtual machine will do)"
        )
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        raise LabError(f"programs missing: run apt-get install -y {' '.join(missing)}")


def _is_known_debian(file: Path = Path("/etc/os-release")) -> bool:
    lines = file.read_text().splitlines() if file.exists() else []
    return "ID=debian" in lines and any(f'VERSION_ID="{version}"' in lines for version in RELEASES)


def cgroup2() -> Path:
    """Return where the unified cgroup hierarchy is mounted, alone or beside version 1."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind = line.split()[:3]
        if kind == "cgroup2":
            return Path(where)
    raise LabError(
        "no cgroup2 is mounted here: in a shell of the operator use ssh and exec only, all else outside of it"
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other commands of the labs out while something shared changes; the file may be removed meanwhile."""
    with _lock(path):
        yield


def _lock(path: Path) -> IO[str]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return file
        file.close()  # whoever had it removed it: the next one locks a new file


def claim(lab: str) -> None:
    """Note that a lab is up, and give the machine the settings that labs need."""
    mark = _LABS / lab
    with locked(_LOCK):
        _refuse_foreign_network()
        if mark.exists() and mark.read_text() != str(STATE):
            raise LabError(
                f"lab {lab}: the name is taken by {mark.read_text()}; use another name or take that lab down"
            )
        _LABS.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(STATE))
        _raise_inotify()
        _refuse_addresses()


def release(lab: str) -> None:
    """Note that a lab is gone; with the last one, put the machine's settings back."""
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
    """Let no packet to a lab address follow the machine's default route."""
    run("ip", "route", "replace", "unreachable", NETWORK)


def _refuse_foreign_network() -> None:
    routes = run("ip", "route", "show", "to", "root", NETWORK).splitlines()
    used = [route for route in routes if route.split()[0] not in _REFUSALS]
    if used:
        raise LabError(f"network {NETWORK} is in use on this machine ({used[0].strip()}): run the lab on another one")

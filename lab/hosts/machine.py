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

from lab.hosts.errors import LabError
from lab.hosts.names import NETWORK
from lab.hosts.paths import RUN, STATE
from lab.hosts.process import run

INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_NEEDED = 4096
_INOTIFY_BEFORE = RUN / "inotify.before"
_LABS = RUN / "labs"
_REFUSALS = {"unreachable", "blackhole", "prohibit"}
_TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "rpmbuild": "rpm",
    "createrepo_c": "createrepo-c",
    "ip": "iproute2",
    "ssh-agent": "openssh-client",
    "setsid": "util-linux",
}


def require() -> None:
    """Refuse a machine on which the lab cannot work, and say what to install."""
    if os.geteuid() != 0:
        raise LabError("not root: lab hosts need name spaces and mounts; run this as root")
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    if "ID=debian\n" not in text or 'VERSION_ID="12"' not in text:
        raise LabError("this machine is not Debian 12: run the lab on one (a virtual machine will do)")
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        raise LabError(f"programs missing: run apt-get install -y {' '.join(missing)}")


def cgroup2() -> Path:
    """Return where the unified cgroup hierarchy is mounted, alone or beside version 1."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        fields = line.split()
        if fields[2] == "cgroup2":
            return Path(fields[1])
    raise LabError("no cgroup2 mounted: run mkdir -p /sys/fs/cgroup/unified and mount it there")


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep other commands of the labs out while something shared changes."""
    RUN.mkdir(parents=True, exist_ok=True)
    with (RUN / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def claim(lab: str) -> None:
    """Note that a lab is up, and give the machine the settings that labs need."""
    mark = _LABS / lab
    with locked("machine"):
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
    with locked("machine"):
        (_LABS / lab).unlink(missing_ok=True)
        if _LABS.exists() and not any(_LABS.iterdir()):
            _restore_inotify()
            run("ip", "route", "flush", "type", "unreachable", "exact", NETWORK)
            shutil.rmtree(RUN)


def claimed_here() -> list[str]:
    """Return the labs of this checkout that are up."""
    marks = _LABS.iterdir() if _LABS.exists() else iter(())
    return sorted(mark.name for mark in marks if mark.read_text() == str(STATE))


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
    routes = run("ip", "route", "show", "to", "root", NETWORK).splitlines()
    used = [route for route in routes if route.split()[0] not in _REFUSALS]
    if used:
        raise LabError(f"network {NETWORK} is in use on this machine ({used[0].strip()}): run the lab on another one")
    run("ip", "route", "replace", "unreachable", NETWORK)

"""Stages: what `make up` does, one after the other, each told with its time and skipped when it is done."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine.paths import VENV
from lab.hosts import LabError
from lab.hosts.apt import RELEASES

PROJECT = Path(__file__).resolve().parent.parent
REQUIREMENTS = PROJECT / "requirements/dev.txt"
DEBIAN = (
    *("systemd-container", "mmdebstrap", "nftables", "rpm", "createrepo-c", "iproute2", "procps"),
    *("openssh-client", "python3-venv", "shellcheck", "openssl"),
)


@dataclass(frozen=True)
class Stage:
    """One stage: `work` does what is missing and returns what it did; an empty text means nothing was to do."""

    title: str
    work: Callable[[], str]


def run(stages: Sequence[Stage]) -> None:
    """Run stages in order; raises LabError at the first that cannot be done."""
    for stage in stages:
        started = time.monotonic()
        print(f"==> {stage.title} ... ", end="", flush=True)
        try:
            done = stage.work()
        except BaseException:
            print("failed", flush=True)
            raise
        print(f"{done or 'nothing to do'} ({time.monotonic() - started:.1f} s)", flush=True)


def remark(text: str) -> None:
    """Say within a stage why it takes long; what follows is on the next line."""
    print(f"{text}\n    ", end="", flush=True)


def machine() -> str:
    """Refuse at once what cannot work; the program itself needs none of this on real hosts."""
    release = platform.freedesktop_os_release()
    known = release.get("ID") == "debian" and release.get("VERSION_ID") in RELEASES
    if not known or not shutil.which("apt-get"):
        raise LabError(
            f"the lab needs Debian {' or '.join(RELEASES)} with apt-get,"
            f" this is {release.get('PRETTY_NAME', 'another system')};"
            " for real hosts use pulumi itself: see README.md, On real hosts"
        )
    if os.geteuid() != 0:
        raise LabError("the lab needs root for its name spaces: run it as root, for instance: sudo make up")
    return ""


def debian_packages() -> str:
    """Install the Debian packages that are missing."""
    wanted = [*DEBIAN, *([] if shutil.which("mvn") else ["maven"])]
    missing = [package for package in wanted if not _installed(package)]
    if not missing:
        return ""
    logged(["apt-get", "update", "-q"], "apt")
    logged(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing], "apt")
    return f"installed {' '.join(missing)}"


def virtual_environment() -> str:
    """Make `.venv` from the pinned, hashed requirements."""
    stamp = VENV / "requirements.stamp"
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    logged([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv")
    logged([str(VENV / "bin/pip"), "install", "-q", "--require-hashes", "-r", str(REQUIREMENTS)], "venv")
    stamp.write_text(wanted)
    return f"made {VENV.name}"


def logged(command: Sequence[str], log: str) -> None:
    """Run a command with its output in a log; raises LabError that names the log and its last line."""
    file = PROJECT / f"lab/.build/{log}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with file.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, env=environment)
    if done.returncode:
        last = (file.read_text().strip().splitlines() or ["it said nothing"])[-1]
        raise LabError(f"{command[0]} ended with status {done.returncode}: {last}; see {file.relative_to(PROJECT)}")


def _installed(package: str) -> bool:
    status = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    ).stdout
    return status == "install ok installed"

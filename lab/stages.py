"""The stages of `make up`: each is reported with its time, and skipped if it is already done."""

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
    """One stage: `work` does what is missing and returns what it did, or an empty text if nothing was missing."""

    title: str
    work: Callable[[], str]


def run(stages: Sequence[Stage]) -> None:
    """Run stages in order; the first failing stage raises LabError."""
    for stage in stages:
        started = time.monotonic()
        print(f"==> {stage.title} ... ", end="", flush=True)
        try:
            result = stage.work()
        except BaseException:
            print("failed", flush=True)
            raise
        print(f"{result or 'nothing to do'} ({time.monotonic() - started:.1f} s)", flush=True)


def note(text: str) -> None:
    """Print within a stage why it takes long; the stage's result is printed on the next line."""
    print(f"{text}\n    ", end="", flush=True)


def machine() -> str:
    """Raise LabError at once on a machine that cannot run the lab; on real hosts the program needs none of this."""
    release = platform.freedesktop_os_release()
    supported = release.get("ID") == "debian" and release.get("VERSION_ID") in RELEASES
    if not supported or not shutil.which("apt-get"):
        raise LabError(
            f"machine: the lab needs Debian {' or '.join(RELEASES)} with apt-get,"
            f" this is {release.get('PRETTY_NAME', 'another system')};"
            " for real hosts use pulumi itself: see README.md, On real hosts"
        )
    if os.geteuid() != 0:
        raise LabError("user: the lab needs root for its namespaces; run it as root, for instance: sudo make up")
    return ""


def debian_packages() -> str:
    """Install the missing Debian packages."""
    required = [*DEBIAN, *([] if shutil.which("mvn") else ["maven"])]
    missing = [package for package in required if not _installed(package)]
    if not missing:
        return ""
    logged(["apt-get", "update", "-q"], "apt")
    logged(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing], "apt")
    return f"installed {' '.join(missing)}"


def virtual_environment() -> str:
    """Create `.venv` from the pinned, hashed requirements."""
    stamp = VENV / "requirements.stamp"
    expected = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if stamp.exists() and stamp.read_text() == expected:
        return ""
    logged([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv")
    logged([str(VENV / "bin/pip"), "install", "-q", "--require-hashes", "-r", str(REQUIREMENTS)], "venv")
    stamp.write_text(expected)
    return f"created {VENV.name}"


def logged(command: Sequence[str], log: str) -> None:
    """Run a command with its output in a log; raise LabError with the log's name and last line if it fails."""
    file = PROJECT / f"lab/.build/{log}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with file.open("w") as output:
        result = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, env=environment)
    if result.returncode:
        last = (file.read_text().strip().splitlines() or ["no output"])[-1]
        raise LabError(f"{command[0]}: status {result.returncode}: {last}; read {file.relative_to(PROJECT)}")


def _installed(package: str) -> bool:
    status = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    ).stdout
    return status == "install ok installed"

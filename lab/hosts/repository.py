"""The yum repository of the lab: a directory of RPMs, filled by several builds, with one index."""

import shutil
from pathlib import Path

from lab.hosts import machine
from lab.hosts.paths import PACKAGES
from lab.hosts.process import run


def add(*rpms: Path) -> None:
    """Put RPMs into the repository, each as a whole, without touching others; `index` makes them known."""
    _make()
    for rpm in rpms:
        partial = PACKAGES / f".{rpm.name}.part"
        shutil.copy(rpm, partial)
        partial.chmod(0o644)
        partial.rename(PACKAGES / rpm.name)


def index() -> None:
    """Write the index of all RPMs in the repository; hosts that run see it at once."""
    _make()
    with machine.locked(PACKAGES.with_name("packages.lock")):
        shutil.rmtree(PACKAGES / ".repodata", ignore_errors=True)  # left by one that was interrupted
        run("createrepo_c", "--quiet", PACKAGES)


def _make() -> None:
    """Make the directory, readable on the hosts whatever the umask is here."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    PACKAGES.chmod(0o755)

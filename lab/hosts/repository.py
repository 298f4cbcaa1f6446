"""The yum repository of the lab: a directory of RPMs, filled by several builds, with one index."""

import shutil
from pathlib import Path

from lab.hosts import machine
from lab.hosts.paths import PACKAGES
from lab.hosts.process import run


def add(*rpms: Path) -> None:
    """Put RPMs into the repository, each as a whole, without touching others; `index` makes them known."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for rpm in rpms:
        partial = PACKAGES / f".{rpm.name}.part"
        shutil.copy(rpm, partial)
        partial.rename(PACKAGES / rpm.name)


def index() -> None:
    """Write the index of all RPMs in the repository; hosts that run see it at once."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    with machine.locked(PACKAGES.with_name("packages.lock")):
        shutil.rmtree(PACKAGES / ".repodata", ignore_errors=True)  # left by one that was interrupted
        run("createrepo_c", "--quiet", PACKAGES)

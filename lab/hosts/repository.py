"""The yum repository of the lab: one directory of RPMs with one index, filled by several builds."""

import shutil
from pathlib import Path

from lab.hosts import machine
from lab.hosts.paths import PACKAGES
from lab.hosts.process import run


def add(*rpms: Path) -> None:
    """Add RPMs to the repository, each atomically, without touching others; `index` makes them visible to yum."""
    _create()
    for rpm in rpms:
        partial = PACKAGES / f".{rpm.name}.part"
        shutil.copy(rpm, partial)
        partial.chmod(0o644)
        partial.rename(PACKAGES / rpm.name)


def index() -> None:
    """Write the index of all RPMs in the repository; running hosts see it at once."""
    _create()
    with machine.locked(PACKAGES.with_name("packages.lock")):
        shutil.rmtree(PACKAGES / ".repodata", ignore_errors=True)  # an interrupted run leaves it
        run("createrepo_c", "--quiet", PACKAGES)


def _create() -> None:
    """Create the directory, readable on the hosts whatever the umask is here."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    PACKAGES.chmod(0o755)

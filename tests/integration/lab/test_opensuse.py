"""A lab host dressed as openSUSE: zypper alone, and all that the release profile names there comes by it."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts import Lab, LabError
from lab.hosts.build import build
from lab.stages import PROJECT
from tests.support.labs import lab_name, temporary_lab
from tests.unit.conftest import make_spec, raw_of

pytestmark = pytest.mark.lab
SYSTEM = make_spec(raw_of("test")).profile.systems["opensuse"]
# What the guide installs; the lab's hosts have nothing that mounts file systems of others.
NAMES = sorted({name for duty, names in SYSTEM.packages.items() if not duty.startswith("nfs") for name in names})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Return a lab whose second host is of openSUSE."""
    build()
    with temporary_lab(lab_name("zypp")) as lab:
        lab.up(2, dress={"h2": "opensuse"})
        yield lab


def product(build: str) -> Path:
    """Return the stand-in of a build."""
    return PROJECT / f"lab/.build/illumon-db-1.20200121.{build}-1-1.rpm"


def root(lab: Lab, shell: str, host: str = "h2") -> str:
    return lab.shell(host, shell).stdout


def test_the_dressed_host_alone_is_another_running_system(lab: Lab) -> None:
    asked = '. /etc/os-release; echo "$ID"; systemctl is-system-running --wait; command -v zypper yum dnf rpm || true'
    ask = f"{asked}; rpm -q --whatprovides system-release || true"
    assert root(lab, ask).split("\n")[:4] == ["opensuse-tumbleweed", "running", "/usr/bin/zypper", "/usr/bin/rpm"]
    assert root(lab, ask, "h1").split("\n")[:4] == ["centos", "running", "/usr/bin/yum", "/usr/bin/dnf"]
    assert "no package provides" in root(lab, ask)


def test_what_a_host_is_dressed_as_does_not_change_while_it_is_there(lab: Lab) -> None:
    lab.up(2)
    assert "opensuse" in root(lab, "cat /etc/os-release")
    with pytest.raises(LabError, match="h1: exists already, not dressed as opensuse; take the lab down first"):
        lab.up(2, dress={"h1": "opensuse"})
    with pytest.raises(LabError, match="h3: dressed, but not among 2"):
        lab.up(2, dress={"h3": "opensuse"})


def test_a_snapshot_brings_the_dressed_host_back(lab: Lab) -> None:
    lab.stop()
    lab.snapshot("bare")
    lab.start()
    root(lab, "echo changed >>/etc/os-release; rm /usr/bin/zypper")
    lab.restore("bare")
    assert root(lab, "grep -c changed /etc/os-release || true; zypper --version").startswith("0\nzypper 1.")


def test_every_package_that_the_profile_names_comes_by_zypper(lab: Lab) -> None:
    asked = f"for name in {' '.join(NAMES)}; do rpm -q --quiet --whatprovides $name || echo $name; done"
    assert root(lab, asked).split() == NAMES
    root(lab, f"set -e; {shlex.join([*SYSTEM.install, *NAMES])}")
    assert root(lab, asked) == ""
    assert root(lab, "java -version 2>&1").startswith('openjdk version "1.8.0')


def test_the_products_file_is_installed_by_zypper_a_newer_and_by_another_command_an_older_one(lab: Lab) -> None:
    for number, command in (("008", SYSTEM.install_file), ("012", SYSTEM.install_file), ("008", SYSTEM.downgrade_file)):
        with product(number).open("rb") as rpm:
            lab.ssh("h2", "cat >product.rpm", stdin=rpm)
        root(lab, f"set -e; cd ~centos; {shlex.join([*command, './product.rpm'])}")
        assert root(lab, "rpm -q illumon-db") == f"illumon-db-1.20200121.{number}-1.x86_64\n"


def test_a_package_that_no_repository_has_is_an_error(lab: Lab) -> None:
    said = root(lab, f"{shlex.join([*SYSTEM.install, 'nosuch'])} 2>&1; echo status $?")
    assert "No provider of 'nosuch' found" in said
    assert said.endswith("status 104\n")

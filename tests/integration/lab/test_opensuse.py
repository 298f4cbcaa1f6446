"""A lab host with the OS image openSUSE: it has only zypper, which installs every package of the release profile."""

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
# The guide's packages; NFS clients are left out because lab hosts cannot mount NFS.
NAMES = sorted({name for role, names in SYSTEM.packages.items() if not role.startswith("nfs") for name in names})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Return a lab whose second host is openSUSE."""
    build()
    with temporary_lab(lab_name("zypp")) as lab:
        lab.up(2, os_images={"h2": "opensuse"})
        yield lab


def product(build: str) -> Path:
    """Return the fake product's RPM of a build."""
    return PROJECT / f"lab/.build/illumon-db-1.20200121.{build}-1-1.rpm"


def root(lab: Lab, shell: str, host: str = "h2") -> str:
    return lab.shell(host, shell).stdout


def test_only_the_second_host_is_opensuse_and_it_runs(lab: Lab) -> None:
    system = '. /etc/os-release; echo "$ID"; systemctl is-system-running --wait; command -v zypper yum dnf rpm || true'
    command = f"{system}; rpm -q --whatprovides system-release || true"
    assert root(lab, command).split("\n")[:4] == ["opensuse-tumbleweed", "running", "/usr/bin/zypper", "/usr/bin/rpm"]
    assert root(lab, command, "h1").split("\n")[:4] == ["centos", "running", "/usr/bin/yum", "/usr/bin/dnf"]
    assert "no package provides" in root(lab, command)


def test_the_os_image_of_an_existing_host_cannot_change(lab: Lab) -> None:
    lab.up(2)
    assert "opensuse" in root(lab, "cat /etc/os-release")
    with pytest.raises(LabError, match="h1: already exists with another OS image than opensuse; "):
        lab.up(2, os_images={"h1": "opensuse"})
    with pytest.raises(LabError, match=r"h3: has an OS image, but is not one of 2 host\(s\); raise N"):
        lab.up(2, os_images={"h3": "opensuse"})


def test_a_snapshot_restores_the_os_image(lab: Lab) -> None:
    lab.stop()
    lab.snapshot("bare")
    lab.start()
    root(lab, "echo changed >>/etc/os-release; rm /usr/bin/zypper")
    lab.restore("bare")
    assert root(lab, "grep -c changed /etc/os-release || true; zypper --version").startswith("0\nzypper 1.")


def test_zypper_installs_every_package_of_the_profile(lab: Lab) -> None:
    missing = f"for name in {' '.join(NAMES)}; do rpm -q --quiet --whatprovides $name || echo $name; done"
    assert root(lab, missing).split() == NAMES
    root(lab, f"set -e; {shlex.join([*SYSTEM.install, *NAMES])}")
    assert root(lab, missing) == ""
    assert root(lab, "java -version 2>&1").startswith('openjdk version "1.8.0')


def test_zypper_installs_the_product_a_newer_build_and_with_another_command_an_older_one(lab: Lab) -> None:
    for number, command in (("008", SYSTEM.install_file), ("012", SYSTEM.install_file), ("008", SYSTEM.downgrade_file)):
        with product(number).open("rb") as rpm:
            lab.ssh("h2", "cat >product.rpm", stdin=rpm)
        root(lab, f"set -e; cd ~centos; {shlex.join([*command, './product.rpm'])}")
        assert root(lab, "rpm -q illumon-db") == f"illumon-db-1.20200121.{number}-1.x86_64\n"


def test_an_unknown_package_is_an_error(lab: Lab) -> None:
    output = root(lab, f"{shlex.join([*SYSTEM.install, 'nosuch'])} 2>&1; echo status $?")
    assert "No provider of 'nosuch' found" in output
    assert output.endswith("status 104\n")

"""The README's first command on each Debian release that the README names, with nothing else installed.

The machine is a root file system in its own namespaces and differs from a real machine:

- The kernel, its limits and `/dev` are this machine's. The lab raises fs.inotify.max_user_instances for all.
- Process 1 is a shell, not systemd; lab hosts do not need systemd below them.
- `make up` has no network. Before it, `make build`, its first half, installs everything from registries, in this
  machine's network namespace. So the route that keeps stray packets inside a lab does not affect this machine.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts.cgroup import Cgroup
from lab.hosts.machine import INOTIFY, cgroup2
from lab.stages import PROJECT
from tests.integration.bare_machine import BareMachine
from tests.support.labs import lab_name

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.alone, pytest.mark.timeout(3600)]
LAB = lab_name("bare")
CHECKOUT = "root/deephaven"


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a directory through which the second machine reuses what the first one compiled."""
    directory = tmp_path_factory.mktemp("caches")
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module", params=["trixie", "bookworm"])
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, caches: Path
) -> Iterator[BareMachine]:
    """Return a running machine with a clone of the repository, and remove it afterwards."""
    inotify = INOTIFY.read_text()
    machine = BareMachine(request.param, tmp_path_factory.mktemp(request.param), caches)
    try:
        machine.install()
        subprocess.run(["git", "clone", "-q", PROJECT, machine.root / CHECKOUT], check=True)
        machine.start()
        yield machine
    finally:
        machine.remove()
        Cgroup(cgroup2() / LAB).remove()
        INOTIFY.write_text(inotify)


def make(machine: BareMachine, target: str, *, network: bool = False) -> str:
    """Run make as in the README and return its output; nothing may be written to standard error."""
    done = machine.run("make", target, f"LAB={LAB}", cwd=CHECKOUT, network=network)
    print(done.stdout)  # noqa: T201 - shown if the test fails, or with pytest -s
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_make_build_installs_and_builds_everything(machine: BareMachine) -> None:
    assert machine.run("python3", "-m", "pip", "--version").returncode != 0
    output = make(machine, "build", network=True)
    assert re.search(r"Debian packages \.\.\. installed .*\bmmdebstrap\b", output)
    assert "base and packages of the hosts ... base opensuse packages (" in output
    assert len(re.findall(r"^==> ", output, re.MULTILINE)) == 5
    version = (machine.root / CHECKOUT / "lab/.build/base/etc/debian_version").read_text()
    assert version.startswith("12.")


def test_the_engine_is_built_if_it_cannot_be_downloaded(machine: BareMachine) -> None:
    done = machine.run("python3", "-m", "lab.engine", "build", cwd=CHECKOUT, network=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.root / CHECKOUT / "lab/.build/go/go/bin/go").exists(), "no Go was installed by pip"
    assert machine.run(f"/{CHECKOUT}/lab/.build/engine/bin/pulumi", "version").stdout == "v3.274.1\n"


def test_make_up_reaches_a_running_cluster(machine: BareMachine) -> None:
    output = make(machine, "up")
    assert "Deephaven 1.20200121.008 runs: https://h1.lab.internal:8123/iriside" in output
    services = re.findall(r"^ (\w+) +(\w+) +Process", output, re.MULTILINE)
    assert len(services) == 12
    assert {status for _, status in services} == {"OK"}
    created = re.search(r"\+ (\d+) created", output)
    assert created is not None
    assert f"{created[1]} unchanged" in make(machine, "up")
    assert machine.run("git", "status", "--porcelain", cwd=CHECKOUT).stdout == ""


def test_make_down_leaves_nothing(machine: BareMachine) -> None:
    make(machine, "down")
    assert not (cgroup2() / LAB).exists()
    assert machine.run("ip", "netns", "list").stdout == ""
    assert machine.run("ip", "route").stdout == ""

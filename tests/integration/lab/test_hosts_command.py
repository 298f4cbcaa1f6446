"""The command, several labs side by side, and what is left when a lab has gone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts import Lab
from lab.hosts.build import build
from lab.hosts.machine import INOTIFY, INOTIFY_NEEDED, cgroup2
from lab.hosts.paths import STATE
from tests.support.labs import lab_name

pytestmark = pytest.mark.lab

NAME = lab_name("cmd")
OTHER = lab_name("other")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    build()
    lab = Lab(NAME)
    lab.down()
    lab.up(1)
    yield lab
    lab.down()


def command(*words: str, name: str = NAME) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lab.hosts", "--lab", name, *words]
    return subprocess.run(argv, cwd=STATE.parents[1], capture_output=True, text=True, check=False, timeout=120)


def states(lab: Lab) -> list[str]:
    return [host.state for host in lab.status()]


def test_two_labs_have_hosts_of_the_same_address_that_do_not_meet(lab: Lab) -> None:
    other = Lab(OTHER)
    try:
        other.up(1)
        other.ssh("h1", "echo other | sudo tee /etc/whose")
        lab.ssh("h1", "echo first | sudo tee /etc/whose")
        assert [one.ssh("h1", "cat /etc/whose; hostname -i").stdout for one in (lab, other)] == [
            "first\n10.77.0.11\n",
            "other\n10.77.0.11\n",
        ]
        other.kill("h1")
        assert states(lab) == ["up"]
        crossed = other.exec(lab.ssh_argv("h1", "-o", "ConnectTimeout=1"), check=False)
        assert crossed.returncode == 255
    finally:
        other.down()
    assert lab.ssh("h1", "cat /etc/whose").stdout == "first\n"
    assert_nothing_is_left(OTHER)


def test_the_operators_shell_reaches_hosts_and_leaves_power_to_others(lab: Lab) -> None:
    inside = [sys.executable, "-m", "lab.hosts", "--lab", NAME]
    assert lab.exec([*inside, "ssh", "h1", "hostname"], cwd=STATE.parents[1]).stdout == "h1.lab.internal\n"
    refused = lab.exec([*inside, "kill", "h1"], cwd=STATE.parents[1], check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "use ssh and exec only" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("start", "h9"), f"lab: lab {NAME}: has no h9; make them with up N\n"),
        (("up", "0"), "lab: 0 hosts: a lab has 1 to 40\n"),
        (("kill", "web"), "lab: host 'web': use h1 to h40\n"),
        (("restore", "none"), "lab: snapshot none: there is none; there are: "),
        (("exec",), "lab: exec: no program given; write: exec -- PROGRAM ARGUMENT...\n"),
    ],
)
def test_wrong_input_is_answered_by_one_line(lab: Lab, words: tuple[str, ...], message: str) -> None:
    done = command(*words, name=lab.name)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_hosts_outlive_the_command_and_down_leaves_nothing() -> None:
    try:
        assert command("up", "1", name=OTHER).returncode == 0
        assert "up" in command("status", name=OTHER).stdout
        assert int(INOTIFY.read_text()) >= INOTIFY_NEEDED
        assert agents(OTHER) == 1
    finally:
        assert command("down", name=OTHER).returncode == 0
    assert_nothing_is_left(OTHER)
    refused = command("ssh", "h1", name=OTHER)
    assert (refused.returncode, refused.stderr) == (1, f"lab: lab {OTHER}: has no h1; make it with up N\n")


def agents(name: str) -> int:
    command_lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return sum(f"/agents/{name}/socket".encode() in line for line in command_lines)


def assert_nothing_is_left(name: str) -> None:
    assert not list(Path("/run/netns").glob(f"{name}-*"))
    assert not (cgroup2() / name).exists()
    assert not list(STATE.glob(f"{name}*"))
    assert not Path(f"/etc/netns/{name}-ops").exists()
    assert agents(name) == 0

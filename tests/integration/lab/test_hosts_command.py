"""The command, several labs at the same time, and a clean machine after a lab is down."""

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


def command(*arguments: str, name: str = NAME) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lab.hosts", "--lab", name, *arguments]
    return subprocess.run(argv, cwd=STATE.parents[1], capture_output=True, text=True, check=False, timeout=120)


def states(lab: Lab) -> list[str]:
    return [host.state for host in lab.status()]


def test_hosts_of_two_labs_have_the_same_address_and_are_isolated(lab: Lab) -> None:
    other = Lab(OTHER)
    try:
        other.up(1)
        other.ssh("h1", "echo other | sudo tee /etc/whose")
        lab.ssh("h1", "echo first | sudo tee /etc/whose")
        assert [each.ssh("h1", "cat /etc/whose; hostname -i").stdout for each in (lab, other)] == [
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


def test_the_operators_shell_reaches_hosts_but_cannot_control_their_power(lab: Lab) -> None:
    inside = [sys.executable, "-m", "lab.hosts", "--lab", NAME]
    assert lab.exec([*inside, "ssh", "h1", "hostname"], cwd=STATE.parents[1]).stdout == "h1.lab.internal\n"
    refused = lab.exec([*inside, "kill", "h1"], cwd=STATE.parents[1], check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "use only ssh and exec" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("start", "h9"), f"lab: lab {NAME}: h9 missing; create them with up N\n"),
        (("up", "0"), "lab: 0 hosts: out of range; use 1 to 40\n"),
        (("kill", "web"), "lab: host 'web': unknown; use h1 to h40\n"),
        (("restore", "none"), "lab: snapshot none: unknown; use one of: "),
        (("exec",), "lab: exec: no program given; write exec -- PROGRAM ARGUMENT...\n"),
    ],
)
def test_invalid_input_is_refused_in_one_line(lab: Lab, arguments: tuple[str, ...], message: str) -> None:
    result = command(*arguments, name=lab.name)
    assert result.returncode == 1
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


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
    assert (refused.returncode, refused.stderr) == (1, f"lab: lab {OTHER}: h1 missing; create it with up N\n")


def agents(name: str) -> int:
    command_lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return sum(f"/agents/{name}/socket".encode() in line for line in command_lines)


def assert_nothing_is_left(name: str) -> None:
    assert not list(Path("/run/netns").glob(f"{name}-*"))
    assert not (cgroup2() / name).exists()
    assert not list(STATE.glob(f"{name}*"))
    assert not Path(f"/etc/netns/{name}-ops").exists()
    assert agents(name) == 0

"""`make up` and `make down` in a fresh clone: a cluster runs, a second `make up` is fast, and everything is removed."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.stages import PROJECT
from tests.support.labs import lab_name

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.alone]
WARM_SECONDS = 15
LAB = lab_name("fresh")


class Clone:
    """A clone of the committed repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "clone", "-q", PROJECT, path], check=True)

    def make(self, target: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run make as in the README."""
        command = ["make", target, f"LAB={LAB}", *(f"{name}={value}" for name, value in options.items())]
        env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        return subprocess.run(command, cwd=self.path, env=env, capture_output=True, text=True, check=False)


def machine_state() -> dict[str, str]:
    """Return the state of the machine that a lab must restore."""
    commands = {
        "namespaces": "ip netns list | grep -v '^t-' || true",
        "links": "ip -o link | cut -d: -f2",
        "addresses": "ip -o addr | awk '{print $2, $4}'",
        "inotify": "cat /proc/sys/fs/inotify/max_user_instances",
        "forwarding": "cat /proc/sys/net/ipv4/ip_forward",
        "mounts": "cut -d' ' -f2 /proc/mounts | grep -v netns || true",
    }
    return {name: subprocess.check_output(["sh", "-c", command], text=True) for name, command in commands.items()}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Return a fresh clone, and remove its lab afterwards."""
    clone = Clone(tmp_path_factory.mktemp("fresh") / "clone")
    yield clone
    clone.make("down")


def test_make_up_reaches_a_running_cluster_and_make_down_leaves_nothing(clone: Clone) -> None:
    before = machine_state()
    done = clone.make("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    print(*re.findall(r"==> .*", done.stdout), sep="\n")  # noqa: T201 - the times, shown with pytest -s
    assert "Deephaven 1.20200121.008 runs: https://h1.lab.internal:8123/iriside" in done.stdout
    services = re.findall(r"^ (\w+) +(\w+) +Process", done.stdout, re.MULTILINE)
    assert len(services) == 12
    assert {status for _, status in services} == {"OK"}
    began = time.monotonic()
    again = clone.make("up")
    assert again.returncode == 0
    assert time.monotonic() - began < WARM_SECONDS
    created = re.search(r"\+ (\d+) created", done.stdout)
    assert created is not None, done.stdout[-3000:]
    assert f"{created[1]} unchanged" in again.stdout
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=clone.path, text=True) == ""
    assert clone.make("down").returncode == 0
    assert machine_state() == before


def test_an_unknown_stack_is_one_line_with_the_known_ones(clone: Clone) -> None:
    done = clone.make("up", STACK="prod")
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert lines == ["lab: stack prod: unknown; use one of: production, production-ha, test, test-mysql, test-opensuse"]

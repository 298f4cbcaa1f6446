"""The README's two commands in a fresh clone: from nothing to a running cluster, again at once, and away again."""

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
    """A clone of the repository as it is committed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "clone", "-q", PROJECT, path], check=True)

    def make(self, target: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run make as the README says."""
        words = ["make", target, f"LAB={LAB}", *(f"{name}={value}" for name, value in options.items())]
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        return subprocess.run(words, cwd=self.path, env=kept, capture_output=True, text=True, check=False)


def machine() -> dict[str, str]:
    """Return what a lab may not leave changed on the machine."""
    commands = {
        "name spaces": "ip netns list | grep -v '^t-' || true",
        "links": "ip -o link | cut -d: -f2",
        "addresses": "ip -o addr | awk '{print $2, $4}'",
        "inotify": "cat /proc/sys/fs/inotify/max_user_instances",
        "forwarding": "cat /proc/sys/net/ipv4/ip_forward",
        "mounts": "cut -d' ' -f2 /proc/mounts | grep -v netns || true",
    }
    return {name: subprocess.check_output(["sh", "-c", command], text=True) for name, command in commands.items()}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Return a fresh clone, and take its lab down whatever happens."""
    made = Clone(tmp_path_factory.mktemp("fresh") / "clone")
    yield made
    made.make("down")


def test_make_up_reaches_a_running_cluster_from_nothing(clone: Clone) -> None:
    before = machine()
    done = clone.make("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    print(*re.findall(r"==> .*", done.stdout), sep="\n")  # noqa: T201 - the times, shown when asked for
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
    assert machine() == before


def test_a_stack_that_is_not_there_is_one_line(clone: Clone) -> None:
    done = clone.make("up", STACK="prod")
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert told == ["lab: there is no stack prod; known: production, production-ha, test, test-mysql, test-opensuse"]

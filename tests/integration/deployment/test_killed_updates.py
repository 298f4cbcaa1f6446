"""Kill matrix: engine and plugins die in the middle of each step in turn; the end is as if nothing had happened."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from components.plan import plan
from tests.support.cluster import ONCE, QUIET, Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.conftest import spec_of

pytestmark = [pytest.mark.lab, pytest.mark.long]
LOGS = "var/log/deephaven-install"
COPIES = "var/lib/deephaven-upload"
STAGED = "var/lib/deephaven-install/staging"
RECEIPTS = "var/lib/deephaven-install/receipts"
UPDATE_SECONDS = 120
SHORT = 0.2  # seconds


@pytest.fixture(scope="module", params=["test", "production"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a stack on bare hosts."""
    with temporary_lab(lab_name(f"kill{request.param[0]}")) as lab:
        yield bare_stack(lab, request.param)


class Watch:
    """Which steps have begun on the hosts and not ended, read from outside, without a connection.

    With `since_now`, what was there at first says nothing: each run of a step makes its files anew.
    """

    def __init__(self, cluster: Cluster, *, since_now: bool = False) -> None:
        self._uppers: dict[str, Path] = {key: cluster.lab.upper(host) for key, host in cluster.hosts().items()}
        self._before: set[tuple[Path, int]] = set()
        if since_now:
            patterns = (f"{LOGS}/*.log", f"{COPIES}/*.rpm", f"{STAGED}/*.rpm", f"{RECEIPTS}/*.json")
            found = (self._found(pattern) for pattern in patterns)
            self._before = {(file, number) for files in found for _, file, number in files}

    def begun(self) -> set[str]:
        """Return the steps that have a log, or whose file has begun to arrive, or was taken from where it arrived."""
        copies = [host for pattern in (COPIES, STAGED) for host, _, _ in self._found(f"{pattern}/*.rpm")]
        return self._names(f"{LOGS}/*.log") | {f"{key}-rpm" for key in copies}

    def ended(self) -> set[str]:
        """Return the steps that have a receipt."""
        return self._names(f"{RECEIPTS}/*.json")

    def _names(self, pattern: str) -> set[str]:
        return {f"{key}-{file.stem}" for key, file, _ in self._found(pattern)}

    def _found(self, pattern: str) -> Iterator[tuple[str, Path, int]]:
        """Yield host, file and the file's number: another one of the same name has another number."""
        for key, upper in self._uppers.items():
            for file in upper.glob(pattern):
                try:
                    number = file.stat().st_ino
                except FileNotFoundError:  # moved aside at this moment
                    continue
                if (file, number) not in self._before:
                    yield key, file, number


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that descend from it."""
    family = [process.pid, *_descendants(process.pid)]
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from _descendants(child)


def kill_in_each(cluster: Cluster, wanted: Collection[str], watch: Watch) -> set[str]:
    """Run updates to the end, of which each but the last is killed in a step that none was killed in before.

    Return the steps in whose middle one was killed.
    """
    hit = set[str]()
    for _ in range(2 * len(wanted)):
        # one step at a time, so that none slips through beside the one that is hit
        engine = cluster.stack.popen("up", *QUIET, "--parallel=1", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = watch.begun()
        deadline = time.monotonic() + UPDATE_SECONDS
        while watch.begun() <= seen and engine.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)  # a step may take no longer than some milliseconds
        if engine.poll() is not None:
            break
        cluster.lab.freeze()
        hit |= (watch.begun() - seen) - watch.ended()
        kill_all(engine)
        cluster.lab.thaw()
        cluster.stack.pulumi("cancel", "--yes")
    assert engine.returncode == 0
    print(f"killed in the middle of: {' '.join(sorted(hit))}")  # noqa: T201 - shown when the test fails
    return hit


def seconds(cluster: Cluster, name: str) -> float:
    """Return how long a step's last success took on its host."""
    key, _, step = name.partition("-")
    receipt = cluster.lab.upper(cluster.hosts()[key]) / RECEIPTS / f"{step}.json"
    took: float = json.loads(receipt.read_text())["seconds"]
    return took


def test_an_update_killed_in_each_step_is_carried_on_by_the_next(cluster: Cluster) -> None:
    wanted = {task.resource_name for task in plan(spec_of(cluster.stack.name), digest="")}
    missed = wanted - kill_in_each(cluster, wanted, Watch(cluster))
    # On a busy machine the shortest may be over before the watch sees that they have begun.
    assert {name for name in missed if seconds(cluster, name) > SHORT} == set()
    assert len(missed) <= len(wanted) // 10
    calls = sum((cluster.calls(host) for host in cluster.hosts().values()), Counter())
    assert {script: calls[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    for host in cluster.hosts().values():
        assert {name for name, status in cluster.services(host).items() if status != "OK"} == set()
    assert cluster.has_no_changes()

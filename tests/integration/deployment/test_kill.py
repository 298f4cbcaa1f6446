"""Kill matrix: engine and plugins die in the middle of each step in turn; the end is as if nothing had happened."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.plan import parts, plan
from tests.integration.cluster import ONCE, QUIET, Cluster
from tests.unit.conftest import make_site

pytestmark = pytest.mark.lab
LOGS = "var/log/deephaven-install"
COPIES = "var/tmp/deephaven-install"
RECEIPTS = "var/lib/deephaven-install/receipts"
UPDATE_SECONDS = 120


def steps(cluster: Cluster) -> set[str]:
    """Return the names of all steps of the stack, in their short form."""
    return {task.step for task in plan(parts(make_site(cluster.configuration()), digest=""))}


class Watch:
    """Which steps have begun on the host and not ended, read from outside, without a connection."""

    def __init__(self, cluster: Cluster) -> None:
        self._upper: Path = cluster.lab.upper("h1")

    def begun(self) -> set[str]:
        """Return the steps that have a log, or whose file has begun to arrive."""
        logs = {file.stem for file in self._upper.glob(f"{LOGS}/*.log")}
        return logs | ({"rpm"} if list(self._upper.glob(f"{COPIES}/*.rpm")) else set())

    def ended(self) -> set[str]:
        """Return the steps that have a receipt."""
        return {file.stem for file in self._upper.glob(f"{RECEIPTS}/*.json")}


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


def test_an_update_killed_in_each_step_is_carried_on_by_the_next(cluster: Cluster) -> None:
    watch, hit = Watch(cluster), set[str]()
    wanted = steps(cluster)
    for _ in range(2 * len(wanted)):
        # one step at a time, so that none slips through beside the one that is hit
        engine = cluster.stack.popen("up", *QUIET, "--parallel=1", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = watch.begun()
        deadline = time.monotonic() + UPDATE_SECONDS
        while watch.begun() <= seen and engine.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)  # a step may take no longer than some milliseconds
        if engine.poll() is not None:
            break
        cluster.lab.freeze("h1")
        hit |= (watch.begun() - seen) - watch.ended()
        kill_all(engine)
        cluster.lab.thaw("h1")
        cluster.stack.pulumi("cancel", "--yes")
    assert engine.returncode == 0
    print(f"killed in the middle of: {' '.join(sorted(hit))}")  # noqa: T201 - shown when the test fails
    assert hit == wanted
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name for name, status in cluster.services().items() if status != "OK"} == set()
    assert cluster.empty()

"""Kill matrix: engine and plugins are killed in the middle of each step; the last update reaches an intact cluster."""

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
    """The steps that have begun and ended on the hosts, read from their file systems without a connection.

    With `since_now`, existing files are ignored, because each run of a step writes new files.
    """

    def __init__(self, cluster: Cluster, *, since_now: bool = False) -> None:
        self._uppers: dict[str, Path] = {key: cluster.lab.upper(host) for key, host in cluster.hosts().items()}
        self._before: set[tuple[Path, int]] = set()
        if since_now:
            patterns = (f"{LOGS}/*.log", f"{COPIES}/*.rpm", f"{STAGED}/*.rpm", f"{RECEIPTS}/*.json")
            existing = (self._files(pattern) for pattern in patterns)
            self._before = {(file, inode) for files in existing for _, file, inode in files}

    def begun(self) -> set[str]:
        """Return the steps with a log, and the copies whose file is in the upload or staging directory."""
        copies = [host for pattern in (COPIES, STAGED) for host, _, _ in self._files(f"{pattern}/*.rpm")]
        return self._names(f"{LOGS}/*.log") | {f"{key}-rpm" for key in copies}

    def ended(self) -> set[str]:
        """Return the steps with a receipt."""
        return self._names(f"{RECEIPTS}/*.json")

    def _names(self, pattern: str) -> set[str]:
        return {f"{key}-{file.stem}" for key, file, _ in self._files(pattern)}

    def _files(self, pattern: str) -> Iterator[tuple[str, Path, int]]:
        """Yield host, file and inode; a new file with the same name has another inode."""
        for key, upper in self._uppers.items():
            for file in upper.glob(pattern):
                try:
                    inode = file.stat().st_ino
                except FileNotFoundError:  # moved in the meantime
                    continue
                if (file, inode) not in self._before:
                    yield key, file, inode


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a process and its descendants."""
    pids = [process.pid, *_descendants(process.pid)]
    for pid in pids:
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


def kill_in_each(cluster: Cluster, steps: Collection[str], watch: Watch) -> set[str]:
    """Run updates until one succeeds, and kill each of the others in a step in which none was killed before.

    Return the steps in which an update was killed.
    """
    killed = set[str]()
    for _ in range(2 * len(steps)):
        # one step at a time, so that no other step runs at the time of the kill
        engine = cluster.stack.popen("up", *QUIET, "--parallel=1", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = watch.begun()
        deadline = time.monotonic() + UPDATE_SECONDS
        while watch.begun() <= before and engine.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)  # a step may take only some milliseconds
        if engine.poll() is not None:
            break
        cluster.lab.freeze()
        killed |= (watch.begun() - before) - watch.ended()
        kill_all(engine)
        cluster.lab.thaw()
        cluster.stack.pulumi("cancel", "--yes")
    assert engine.returncode == 0
    print(f"killed in the middle of: {' '.join(sorted(killed))}")  # noqa: T201 - shown if the test fails
    return killed


def seconds(cluster: Cluster, name: str) -> float:
    """Return the on-host time of a step's last successful run."""
    key, _, step = name.partition("-")
    receipt = cluster.lab.upper(cluster.hosts()[key]) / RECEIPTS / f"{step}.json"
    result: float = json.loads(receipt.read_text())["seconds"]
    return result


def test_an_update_that_is_killed_in_each_step_is_continued_by_the_next(cluster: Cluster) -> None:
    steps = {step.resource_name for step in plan(spec_of(cluster.stack.name), digest="")}
    missed = steps - kill_in_each(cluster, steps, Watch(cluster))
    # On a busy machine, the shortest steps may end before the watch sees their beginning.
    assert {name for name in missed if seconds(cluster, name) > SHORT} == set()
    assert len(missed) <= len(steps) // 10
    calls = sum((cluster.calls(host) for host in cluster.hosts().values()), Counter())
    assert {script: calls[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    for host in cluster.hosts().values():
        assert {name for name, status in cluster.services(host).items() if status != "OK"} == set()
    assert cluster.has_no_changes()

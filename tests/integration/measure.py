"""Measure a stack's deployment onto bare lab hosts: `.venv/bin/python -m tests.integration.measure STACK`.

Wall times and on-host times come from one run, so that ratios mean something on any machine. On-host times are those
that the steps' receipts say; the critical path is the longest chain of them in the plan's order.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from components.plan import plan
from tests.support.cluster import QUIET, Cluster, short
from tests.support.labs import lab_name, taken
from tests.support.stacks import bare
from tests.unit.conftest import spec_of

EMPTY = {
    "Pulumi.yaml": "name: deephaven\nruntime:\n  name: python\n  options: {toolchain: pip, virtualenv: .venv}\n",
    "__main__.py": "",
}
STATE = "/var/lib/deephaven-install/receipts"
FIRST_START = "start-config-server"


@dataclass(frozen=True)
class Link:
    """A step on the critical path: what it took on its host, and what it took the engine with the way there."""

    name: str
    host: float
    engine: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one run showed; times in seconds, the state in bytes."""

    stack: str
    hosts: int
    resources: int
    state: int
    wall: float
    wall_to_start: float
    path: Sequence[Link]
    ready_to_ok: float
    empty_preview: float
    empty_up: float
    empty_program: float

    @property
    def ratios(self) -> dict[str, float]:
        """What is promised: at most 1.5, and at most 1.5."""
        return {
            "to the start of services / critical path on hosts": self.wall_to_start / length(self.path),
            "empty update / empty program": self.empty_up / self.empty_program,
        }


def measure(cluster: Cluster) -> Figures:
    """Deploy a stack onto its bare hosts and measure; raises RuntimeError when the deployment fails."""
    with TemporaryDirectory() as directory:
        events = Path(directory) / "events"
        begun = time.time()
        starts, ends = _deploy(cluster, events)
        wall = time.time() - begun
    spec = spec_of(cluster.stack.name)
    started = min(when for name, when in starts.items() if name.endswith(FIRST_START))
    last_ok = max(when for name, when in ends.items() if name.endswith("services-ok"))
    state = cluster.state()["deployment"]["resources"]
    kept = cluster.lab.state / f"pulumi/.pulumi/stacks/deephaven/{cluster.stack.name}.json"
    empty_up, empty_program = _empty(cluster)
    return Figures(
        stack=cluster.stack.name,
        hosts=len(spec.cluster.nodes),
        resources=len(state),
        state=kept.stat().st_size,
        wall=wall,
        wall_to_start=started - begun,
        path=critical_path(cluster, starts, ends),
        ready_to_ok=last_ok - max(_ready(cluster, host) for host in cluster.hosts().values()),
        empty_preview=_timed(cluster, "preview", "--expect-no-changes"),
        empty_up=empty_up,
        empty_program=empty_program,
    )


def critical_path(cluster: Cluster, starts: Mapping[str, float], ends: Mapping[str, float]) -> list[Link]:
    """Return the longest chain of on-host times before services start; a copy takes what the engine saw."""
    took = {
        f"{key}-{step}": seconds
        for key, host in cluster.hosts().items()
        for step, seconds in _receipts(cluster, host).items()
    }
    chains: dict[str, list[Link]] = {}
    spec = spec_of(cluster.stack.name)
    for task in plan(spec, digest=""):
        engine = ends[task.resource_name] - starts[task.resource_name]
        own = Link(task.resource_name, took.get(task.resource_name, engine), engine)
        chains[task.resource_name] = [*max((chains[name] for name in task.after), key=length, default=[]), own]
    return chains[f"{spec.cluster.primary.key}-{FIRST_START}"][:-1]


def length(chain: Sequence[Link]) -> float:
    """Return the time of a chain on the hosts."""
    return sum(link.host for link in chain)


def _receipts(cluster: Cluster, host: str) -> dict[str, float]:
    lines = cluster.root(f"cat {STATE}/*.json", host=host).splitlines()
    return {receipt["step"]: float(receipt["seconds"]) for receipt in map(json.loads, lines)}


def _ready(cluster: Cluster, host: str) -> float:
    """Return when the last service of a host said that it had started."""
    said = cluster.root("grep -h ' started build ' /var/log/deephaven/*/*.current || true", host=host).splitlines()
    return max((datetime.fromisoformat(line[1 : line.index("]")]).timestamp() for line in said), default=0.0)


def _deploy(cluster: Cluster, events: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Run the update and return when the engine began and ended each resource, by name.

    The events' own times are whole seconds, so they are read as they come.
    """
    events.touch()
    log = {"PULUMI_DEBUG_COMMANDS": "true"}
    engine = cluster.stack.popen("up", *QUIET, "--event-log", str(events), env=log, stdout=subprocess.DEVNULL)
    found: tuple[dict[str, float], dict[str, float]] = ({}, {})
    rest = ""
    with events.open() as file:
        while engine.poll() is None:
            *lines, rest = (rest + file.read()).split("\n")  # the last one may still be growing
            for line in lines:
                event = json.loads(line)
                for kind, times in zip(("resourcePreEvent", "resOutputsEvent"), found, strict=True):
                    if kind in event:
                        times[short(event[kind]["metadata"]["urn"])] = time.time()
            time.sleep(0.01)
    if engine.returncode:
        raise RuntimeError("the deployment failed; deploy the stack by hand and see why")
    return found


def _empty(cluster: Cluster, times: int = 5) -> tuple[float, float]:
    """Return the median times of an update with nothing to do and of one without a program, taken in turn."""
    with TemporaryDirectory() as directory:
        project = Path(directory)
        for name, text in EMPTY.items():
            (project / name).write_text(text)
        (project / ".venv").symlink_to(cluster.stack.project / ".venv")
        cluster.stack.pulumi("stack", "init", "empty", "--no-select", cwd=project)
        ours, none = [], []
        for _ in range(times):
            ours.append(_timed(cluster, "up", *QUIET, "--expect-no-changes"))
            none.append(_timed(cluster, "up", *QUIET, "--stack", "empty", cwd=project))
    return statistics.median(ours), statistics.median(none)


def _timed(cluster: Cluster, *words: str, **options: object) -> float:
    begun = time.time()
    cluster.stack.pulumi(*words, **options)
    return time.time() - begun


def main() -> None:
    """Measure the stack that the command line names and print what was seen."""
    stack = sys.argv[1]
    with taken(lab_name("measure")) as lab:
        figures = measure(bare(lab, stack))
    for link in figures.path:
        print(f"{link.name:35} on its host {link.host:5.2f}   for the engine {link.engine:5.2f}")  # noqa: T201 - its result
    single = {key: value for key, value in vars(figures).items() if key != "path"}
    for key, value in {**single, "path_to_start": length(figures.path), **figures.ratios}.items():
        print(f"{key:50} {value:.2f}" if isinstance(value, float) else f"{key:50} {value}")  # noqa: T201 - its result


if __name__ == "__main__":
    main()

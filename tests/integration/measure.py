"""Measure a stack's deployment onto bare lab hosts: `.venv/bin/python -m tests.integration.measure STACK`.

Wall times and on-host times come from one run, so that their ratios are comparable between machines. On-host times come
from the steps' receipts; the critical path is the longest chain of them in the plan's order.
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
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.conftest import spec_of

EMPTY = {
    "Pulumi.yaml": "name: deephaven\nruntime:\n  name: python\n  options: {toolchain: pip, virtualenv: .venv}\n",
    "__main__.py": "",
}
STATE = "/var/lib/deephaven-install/receipts"
FIRST_START = "start-config-server"


@dataclass(frozen=True)
class Link:
    """A step on the critical path: its time on the host, and the engine's time, which includes the connection."""

    name: str
    host: float
    engine: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The measurements of one run; times in seconds, the state in bytes."""

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
        """The ratios that must be at most 1.5."""
        return {
            "to the start of services / critical path on hosts": self.wall_to_start / length(self.path),
            "empty update / empty program": self.empty_up / self.empty_program,
        }


def measure(cluster: Cluster) -> Figures:
    """Deploy a stack onto its bare hosts and measure; raises RuntimeError if the deployment fails."""
    with TemporaryDirectory() as directory:
        events = Path(directory) / "events"
        begin = time.time()
        starts, ends = _deploy(cluster, events)
        wall = time.time() - begin
    spec = spec_of(cluster.stack.name)
    first_start = min(when for name, when in starts.items() if name.endswith(FIRST_START))
    last_ok = max(when for name, when in ends.items() if name.endswith("services-ok"))
    resources = cluster.state()["deployment"]["resources"]
    state = cluster.lab.state / f"pulumi/.pulumi/stacks/deephaven/{cluster.stack.name}.json"
    empty_up, empty_program = _empty(cluster)
    return Figures(
        stack=cluster.stack.name,
        hosts=len(spec.cluster.nodes),
        resources=len(resources),
        state=state.stat().st_size,
        wall=wall,
        wall_to_start=first_start - begin,
        path=critical_path(cluster, starts, ends),
        ready_to_ok=last_ok - max(_ready(cluster, host) for host in cluster.hosts().values()),
        empty_preview=_timed(cluster, "preview", "--expect-no-changes"),
        empty_up=empty_up,
        empty_program=empty_program,
    )


def critical_path(cluster: Cluster, starts: Mapping[str, float], ends: Mapping[str, float]) -> list[Link]:
    """Return the longest chain of on-host times before services start; a copy counts with the engine's time."""
    on_host = {
        f"{key}-{step}": seconds
        for key, host in cluster.hosts().items()
        for step, seconds in _receipts(cluster, host).items()
    }
    chains: dict[str, list[Link]] = {}
    spec = spec_of(cluster.stack.name)
    for step in plan(spec, digest=""):
        engine = ends[step.resource_name] - starts[step.resource_name]
        own = Link(step.resource_name, on_host.get(step.resource_name, engine), engine)
        chains[step.resource_name] = [*max((chains[name] for name in step.after), key=length, default=[]), own]
    return chains[f"{spec.cluster.primary.key}-{FIRST_START}"][:-1]


def length(chain: Sequence[Link]) -> float:
    """Return the on-host time of a chain."""
    return sum(link.host for link in chain)


def _receipts(cluster: Cluster, host: str) -> dict[str, float]:
    lines = cluster.root(f"cat {STATE}/*.json", host=host).splitlines()
    return {receipt["step"]: float(receipt["seconds"]) for receipt in map(json.loads, lines)}


def _ready(cluster: Cluster, host: str) -> float:
    """Return when the last service of a host logged its start."""
    lines = cluster.root("grep -h ' started build ' /var/log/deephaven/*/*.current || true", host=host).splitlines()
    return max((datetime.fromisoformat(line[1 : line.index("]")]).timestamp() for line in lines), default=0.0)


def _deploy(cluster: Cluster, events: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Run the update and return when the engine began and ended each resource, by name.

    The times in the events are whole seconds, so each event gets the time when it is read.
    """
    events.touch()
    env = {"PULUMI_DEBUG_COMMANDS": "true"}
    engine = cluster.stack.popen("up", *QUIET, "--event-log", str(events), env=env, stdout=subprocess.DEVNULL)
    times_by_kind: tuple[dict[str, float], dict[str, float]] = ({}, {})
    rest = ""
    with events.open() as file:
        while engine.poll() is None:
            *lines, rest = (rest + file.read()).split("\n")  # the last line may be incomplete
            for line in lines:
                event = json.loads(line)
                for kind, times in zip(("resourcePreEvent", "resOutputsEvent"), times_by_kind, strict=True):
                    if kind in event:
                        times[short(event[kind]["metadata"]["urn"])] = time.time()
            time.sleep(0.01)
    if engine.returncode:
        raise RuntimeError("the deployment failed; deploy the stack by hand to find the reason")
    return times_by_kind


def _empty(cluster: Cluster, times: int = 5) -> tuple[float, float]:
    """Return the median times of an update without changes and of one of an empty program, measured alternately."""
    with TemporaryDirectory() as directory:
        project = Path(directory)
        for name, text in EMPTY.items():
            (project / name).write_text(text)
        (project / ".venv").symlink_to(cluster.stack.project / ".venv")
        cluster.stack.pulumi("stack", "init", "empty", "--no-select", cwd=project)
        updates, empty_programs = [], []
        for _ in range(times):
            updates.append(_timed(cluster, "up", *QUIET, "--expect-no-changes"))
            empty_programs.append(_timed(cluster, "up", *QUIET, "--stack", "empty", cwd=project))
    return statistics.median(updates), statistics.median(empty_programs)


def _timed(cluster: Cluster, *arguments: str, **options: object) -> float:
    begin = time.time()
    cluster.stack.pulumi(*arguments, **options)
    return time.time() - begin


def main() -> None:
    """Measure the stack that the command line names, and print the figures."""
    stack = sys.argv[1]
    with temporary_lab(lab_name("measure")) as lab:
        figures = measure(bare_stack(lab, stack))
    for link in figures.path:
        print(f"{link.name:35} on its host {link.host:5.2f}   for the engine {link.engine:5.2f}")  # noqa: T201 - its result
    single = {key: value for key, value in vars(figures).items() if key != "path"}
    for key, value in {**single, "path_to_start": length(figures.path), **figures.ratios}.items():
        print(f"{key:50} {value:.2f}" if isinstance(value, float) else f"{key:50} {value}")  # noqa: T201 - its result


if __name__ == "__main__":
    main()

"""A plan as text: a table, a Mermaid or Graphviz graph, or JSON. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from components.columns import aligned
from components.installation import Row
from components.steps.model import AnyStep, FileCopy, FileTransfer, Plan

HEADING = ("guide", "step", "phase", "hosts", "after")


@dataclass(frozen=True)
class Line:
    """One row of the installation: the hosts on which it runs, and the steps that it waits for on any host."""

    row: Row
    hosts: tuple[str, ...]
    after: tuple[str, ...]


def lines(plan: Plan) -> Sequence[Line]:
    """Return the rows that a plan uses, in an order in which they can run."""
    steps: dict[Row, list[AnyStep]] = {}
    for step in plan:
        steps.setdefault(step.row, []).append(step)
    return [
        Line(
            row=row,
            hosts=tuple(step.node.key for step in members),
            after=tuple(dict.fromkeys(plan[name].name for step in members for name in step.after)),
        )
        for row, members in steps.items()
    ]


def as_table(plan: Plan) -> str:
    """Return one line for each row of the installation, with the number or chapter of the guide."""
    cells = [
        (line.row.guide, line.row.step, str(line.row.phase), ", ".join(line.hosts), ", ".join(line.after))
        for line in lines(plan)
    ]
    return "".join(f"{line}\n" for line in aligned([HEADING, *cells]))


def as_json(plan: Plan) -> str:
    """Return every step on every host, in order: resource, step, guide, phase, host, script and what it waits for."""
    return json.dumps([_item(step) for step in plan], indent=2) + "\n"


def _item(step: AnyStep) -> Mapping[str, object]:
    kind = {FileCopy: "copy", FileTransfer: "transfer"}.get(type(step), "script")
    return {
        "resource": step.resource_name,
        "step": step.name,
        "guide": step.row.guide,
        "phase": str(step.row.phase),
        "host": step.node.key,
        "kind": kind,
        "script": step.row.script,
        "after": list(step.after),
    }


def as_mermaid(plan: Plan) -> str:
    """Return a Mermaid flowchart of steps, a subgraph for each phase."""
    text = ["flowchart LR\n"]
    for phase, members in _by_phase(plan).items():
        text += [
            f"  subgraph phase-{phase} [{phase}]\n",
            *(f'    {line.row.step}["{_label(line)}"]\n' for line in members),
            "  end\n",
        ]
    return "".join([*text, *(f"  {before} --> {after}\n" for before, after in _edges(plan))])


def as_dot(plan: Plan) -> str:
    """Return a Graphviz digraph of steps, a cluster for each phase."""
    text = ["digraph plan {\n  rankdir=LR\n  node [shape=box]\n"]
    for phase, members in _by_phase(plan).items():
        nodes = [f'    "{line.row.step}" [label="{_label(line)}"]\n' for line in members]
        text += [f'  subgraph "cluster_{phase}" {{\n    label="{phase}"\n', *nodes, "  }\n"]
    return "".join([*text, *(f'  "{before}" -> "{after}"\n' for before, after in _edges(plan)), "}\n"])


def _by_phase(plan: Plan) -> Mapping[str, Sequence[Line]]:
    """Return the lines by phase; if rows for different hosts have the same name, only the first."""
    by_phase: dict[str, dict[str, Line]] = {}
    for line in lines(plan):
        by_phase.setdefault(str(line.row.phase), {}).setdefault(line.row.step, line)
    return {phase: list(members.values()) for phase, members in by_phase.items()}


def _label(line: Line) -> str:
    return line.row.step if line.row.guide == "-" else f"{line.row.step} ({line.row.guide})"


def _edges(plan: Plan) -> Sequence[tuple[str, str]]:
    pairs = ((before, line.row.step) for line in lines(plan) for before in line.after)
    return list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


FORMATS: Mapping[str, Callable[[Plan], str]] = MappingProxyType(
    {"table": as_table, "json": as_json, "mermaid": as_mermaid, "dot": as_dot}
)

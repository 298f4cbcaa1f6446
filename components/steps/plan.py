"""The plan: which step, on which host, after what, with which inputs. Only the plan knows order."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter

from components.topology.cluster import Node

Value = str | tuple[str, ...]
ANCHOR = "anchor"


@dataclass(frozen=True, kw_only=True)
class Action:
    """One step on one host.

    `script` is relative to `components/`; `inputs` become shell variables (a tuple becomes an array); `secrets` maps
    further variables to the names of secret values, which the program fills in; `after` names other actions;
    `limit` is in seconds. `keeps` says what is true of the host as long as the step's work stands, so that drift can be
    seen: `unit` runs and starts at boot, `packages` are installed, `mounts` and `accounts` are there, `build` of the
    product is installed, `known` services are known to monit, `services` run. `protected` has the engine refuse to
    delete the step's resource; of a `lost` host's anchor nothing is ever run, so that it can be forgotten.
    """

    node: Node
    step: str
    script: str
    after: tuple[str, ...]
    limit: int
    inputs: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, Value] = field(default_factory=dict)
    protected: bool = False
    lost: bool = False

    @property
    def name(self) -> str:
        """The resource's name: from the stable host key, never from a position."""
        return name(self.node, self.step)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A file of the project copied to one host by the engine: `source` is relative to the project."""

    node: Node
    step: str
    source: str
    target: str
    after: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's name."""
        return name(self.node, self.step)


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A file carried to a host from another one, through the operator's ssh and never through Pulumi's state.

    `pack` sees on `source` that `file` is there and up to date, `unpack` uses it on `node`; both are no tasks of their
    own. The file has the same path on both hosts.
    """

    node: Node
    step: str
    source: Node
    file: str
    pack: Action
    unpack: Action
    after: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's name."""
        return name(self.node, self.step)


Task = Action | Copy | Relay


def name(node: Node, step: str) -> str:
    """Return the resource name of a step on a host."""
    return f"{node.key}-{step}"


def without(tasks: Iterable[Task], lost: Collection[str], *, but: str) -> list[Task]:
    """Return the tasks that can be done without some hosts, given by key, in the same order.

    What waited for a task that is left out waits for what that one waited for. `but` is the step that stays.
    """
    every = {task.name: task for task in tasks}
    gone = {
        task.name
        for task in every.values()
        if (task.node.key in lost and task.step != but) or (isinstance(task, Relay) and task.source.key in lost)
    }

    @cache
    def awaited(name: str) -> tuple[str, ...]:
        return tuple(found for after in every[name].after for found in (awaited(after) if after in gone else (after,)))

    left = (task for task in every.values() if task.name not in gone)
    return [replace(task, after=tuple(dict.fromkeys(awaited(task.name)))) for task in left]


class Plan:
    """All tasks of a cluster in an order that respects `after`; iterating yields them."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        """Put the tasks in order; raises ValueError for a doubled name, an unknown one, or a circle."""
        self._tasks: dict[str, Task] = {}
        for task in tasks:
            if task.name in self._tasks:
                raise ValueError(f"two tasks are named {task.name}")
            self._tasks[task.name] = task
        self._order = self._sorted()

    def __iter__(self) -> Iterator[Task]:
        return (self._tasks[task] for task in self._order)

    def __getitem__(self, task: str) -> Task:
        return self._tasks[task]

    def __len__(self) -> int:
        return len(self._tasks)

    def in_order(self, tasks: Iterable[Task]) -> list[Task]:
        """Return some of the plan's tasks in the plan's order."""
        wanted = {task.name for task in tasks}
        return [self._tasks[task] for task in self._order if task in wanted]

    def _sorted(self) -> tuple[str, ...]:
        graph = {task.name: task.after for task in self._tasks.values()}
        unknown = {after for afters in graph.values() for after in afters} - graph.keys()
        if unknown:
            raise ValueError(f"tasks wait for what nobody does: {', '.join(sorted(unknown))}")
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise ValueError(f"tasks wait for each other: {' -> '.join(error.args[1])}") from None

    def describe(self) -> str:
        """Return the plan as text, a task a paragraph: name, script, what it waits for, its inputs."""
        return "\n".join(_paragraph(task) for task in self) + "\n"


def _paragraph(task: Task) -> str:
    after = f"  after {', '.join(task.after)}" if task.after else ""
    match task:
        case Copy():
            lines = [f"{task.name}: copy {task.source} to {task.target}{after}"]
        case Relay():
            lines = [f"{task.name}: carry {task.file} from {task.source.key}{after}"]
            lines += [f"    {line}" for action in (task.pack, task.unpack) for line in _lines(action, "")]
        case Action():
            lines = _lines(task, after)
    return "\n".join(lines)


def _lines(action: Action, after: str) -> list[str]:
    shown = {**action.inputs, **{key: f"[secret {secret}]" for key, secret in action.secrets.items()}}
    marks = "".join(f", {mark}" for mark in ("protected", "lost") if getattr(action, mark))
    return [
        f"{action.name}: {action.script}, {action.limit} s{marks}{after}",
        *(f"    {key} = {value if isinstance(value, str) else ' '.join(value)}" for key, value in shown.items()),
    ]

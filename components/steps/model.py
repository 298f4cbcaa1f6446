"""Steps as values, and the plan: which step, on which host, after what, with which inputs. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter

from components.installation import Phase, Row
from components.topology.cluster import Node

Value = str | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _OnHost:
    """A row of the installation on one host; `after` names the resources that it waits for."""

    row: Row
    node: Node
    after: tuple[str, ...]

    @property
    def name(self) -> str:
        """The step's name, the same on every host."""
        return self.row.step

    @property
    def resource_name(self) -> str:
        """The resource's name, with the host's key."""
        return self.row.on(self.node)


@dataclass(frozen=True, kw_only=True)
class Step(_OnHost):
    """A script that runs on a host.

    `inputs` become shell variables (a tuple becomes an array); `secrets` maps further variables to the names of secret
    values, which the program fills in; `limit` is in seconds. `ensures` lists what the step makes true on its host, so
    that drift can be detected: `unit` runs and starts at boot, `packages` are installed, `mounts` and `accounts` exist,
    `build` of the product is installed, `monitored` services are known to monit, `services` run. With `protected`,
    Pulumi refuses to delete the resource; nothing ever runs on a `lost` host, so that it can be removed from the state.
    """

    limit: int
    inputs: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    ensures: Mapping[str, Value] = field(default_factory=dict)
    protected: bool = False
    lost: bool = False

    @property
    def script(self) -> str:
        """The script's path, relative to `components/`."""
        return self.row.script


@dataclass(frozen=True, kw_only=True)
class FileCopy(_OnHost):
    """A file of the project that Pulumi copies to a host: `source` is relative to the project."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class FileTransfer(_OnHost):
    """A file that goes from host `source` to host `node` through the operator's ssh, never through Pulumi's state.

    `export` checks on `source` that `file` exists and is up to date, `import_` uses it on `node`; neither is a resource
    of its own. The file has the same path on both hosts.
    """

    source: Node
    file: str
    export: Step
    import_: Step


AnyStep = Step | FileCopy | FileTransfer


def without(steps: Iterable[AnyStep], lost: Collection[str], *, but: Row) -> list[AnyStep]:
    """Return the steps that can run without the lost hosts (by key), in the same order; `but` is kept on lost hosts.

    A step that waited for one that is left out waits for what that one waited for.
    """
    every = {step.resource_name: step for step in steps}
    left_out = {
        step.resource_name
        for step in every.values()
        if (step.node.key in lost and step.row is not but)
        or (isinstance(step, FileTransfer) and step.source.key in lost)
    }

    @cache
    def awaited(name: str) -> tuple[str, ...]:
        return tuple(
            step for after in every[name].after for step in (awaited(after) if after in left_out else (after,))
        )

    kept = (step for step in every.values() if step.resource_name not in left_out)
    return [replace(step, after=tuple(dict.fromkeys(awaited(step.resource_name)))) for step in kept]


class Plan:
    """All steps of a cluster in an order that respects `after`; iterating yields them."""

    def __init__(self, steps: Iterable[AnyStep]) -> None:
        """Put the steps in order; raises ValueError for a duplicate name, an unknown one, or a cycle."""
        self._steps: dict[str, AnyStep] = {}
        for step in steps:
            if step.resource_name in self._steps:
                raise ValueError(f"two steps are named {step.resource_name}")
            self._steps[step.resource_name] = step
        self._order = self._sorted()

    def __iter__(self) -> Iterator[AnyStep]:
        return (self._steps[step] for step in self._order)

    def __getitem__(self, step: str) -> AnyStep:
        return self._steps[step]

    def __len__(self) -> int:
        return len(self._steps)

    def _sorted(self) -> tuple[str, ...]:
        graph = {step.resource_name: step.after for step in self._steps.values()}
        unknown = {after for afters in graph.values() for after in afters} - graph.keys()
        if unknown:
            raise ValueError(f"steps wait for steps that do not exist: {', '.join(sorted(unknown))}")
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise ValueError(f"steps wait for each other: {' -> '.join(error.args[1])}") from None

    def phases(self) -> Mapping[Phase, list[AnyStep]]:
        """Return the steps by phase, in order; phases without a step are left out."""
        steps = list(self)
        by_phase = {phase: [step for step in steps if step.row.phase is phase] for phase in Phase}
        return {phase: members for phase, members in by_phase.items() if members}

    def describe(self) -> str:
        """Return the plan as text, one paragraph per step: name, script, what it waits for, its inputs."""
        return "\n".join(_paragraph(step) for step in self) + "\n"


def _paragraph(step: AnyStep) -> str:
    after = f"  after {', '.join(step.after)}" if step.after else ""
    match step:
        case FileCopy():
            lines = [f"{step.resource_name}: copy {step.source} to {step.target}{after}"]
        case FileTransfer():
            lines = [f"{step.resource_name}: transfer {step.file} from {step.source.key}{after}"]
            lines += [f"    {line}" for half in (step.export, step.import_) for line in _lines(half, "")]
        case Step():
            lines = _lines(step, after)
    return "\n".join(lines)


def _lines(step: Step, after: str) -> list[str]:
    shown = {**step.inputs, **{key: f"[secret {secret}]" for key, secret in step.secrets.items()}}
    marks = "".join(f", {mark}" for mark in ("protected", "lost") if getattr(step, mark))
    return [
        f"{step.resource_name}: {step.script}, {step.limit} s{marks}{after}",
        *(f"    {key} = {value if isinstance(value, str) else ' '.join(value)}" for key, value in shown.items()),
    ]

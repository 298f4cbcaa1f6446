"""The inputs and results of rules; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy.rules.tokens import CLUSTER, TOPOLOGY


class Unknown:
    """A value that is unknown before the update."""

    def __repr__(self) -> str:
        """Return the same text in every process; the default would contain an address."""
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is marked as a secret."""

    value: Any = field(repr=False)


def clear(value: Any) -> Any:  # noqa: ANN401 - any property
    """Return a value without its secret marks, for rules that never show it."""
    match value:
        case Secret():
            return clear(value.value)
        case dict():
            return {key: clear(inner) for key, inner in value.items()}
        case list():
            return [clear(inner) for inner in value]
        case _:
            return value


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource: its properties (for stack rules its outputs), with secret marks if `marked`."""

    type: str
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    protected: bool = False
    secret_outputs: Sequence[str] = ()
    marked: bool = True

    def get(self, key: str) -> Any:  # noqa: ANN401 - any property
        """Return a property without secret marks, or None."""
        return clear(self.properties.get(key))

    @property
    def topology(self) -> Mapping[str, Any]:
        """The root component's policy view of the cluster; the order of mappings may vary."""
        topology = self.get(TOPOLOGY)
        return topology if self.type == CLUSTER and isinstance(topology, Mapping) else {}


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """The context of a rule: its limits and the time."""

    limits: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True)
class Finding:
    """One problem: where, what is wrong, what to do, and the chapter of the guide."""

    where: str
    what: str
    remedy: str
    guide: str = ""

    def __str__(self) -> str:
        """Return the finding as one line."""
        guide = f" (guide: {self.guide})" if self.guide else ""
        return f"{self.where}: {self.what}; {self.remedy}{guide}"


@dataclass(frozen=True)
class NotEvaluated:
    """A property that a rule could not evaluate, because it is unknown before the update."""

    where: str
    path: str

    def __str__(self) -> str:
        """Return where the property is."""
        return f"{self.where}: {self.path} is unknown before the update"


Result = Finding | NotEvaluated

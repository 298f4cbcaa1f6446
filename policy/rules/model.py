"""What a rule looks at and what it says; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy.rules.tokens import CLUSTER, TOPOLOGY


class Unknown:
    """A value that is unknown before the update."""

    def __repr__(self) -> str:
        """Return the same text in every process, where an address would differ."""
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that travels as a secret."""

    value: Any = field(repr=False)


def clear(value: Any) -> Any:  # noqa: ANN401 - any property
    """Return a value without its marks of secrecy, for rules that never show it."""
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
    """One resource: its properties (of a stack rule the outputs), marks of secrecy included where `marked`."""

    type: str
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    protected: bool = False
    secret_outputs: Sequence[str] = ()
    marked: bool = True

    def get(self, key: str) -> Any:  # noqa: ANN401 - any property
        """Return a property in clear, or None."""
        return clear(self.properties.get(key))

    @property
    def topology(self) -> Mapping[str, Any]:
        """The root component's policy view of the cluster; mappings come in any order."""
        found = self.get(TOPOLOGY)
        return found if self.type == CLUSTER and isinstance(found, Mapping) else {}


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """The context of a rule: its limits and the time."""

    limits: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True)
class Finding:
    """What is wrong where, what to do, and the part of the guide that says so."""

    where: str
    what: str
    remedy: str
    guide: str = ""

    def __str__(self) -> str:
        """Return the finding as one line."""
        says = f" (guide: {self.guide})" if self.guide else ""
        return f"{self.where}: {self.what}; {self.remedy}{says}"


@dataclass(frozen=True)
class NotEvaluated:
    """A property that a rule could not evaluate, since it is unknown before the update."""

    where: str
    path: str


Result = Finding | NotEvaluated

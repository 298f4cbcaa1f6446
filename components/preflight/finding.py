"""What a check finds, and how much it weighs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from components.facts.model import Facts
from components.topology.cluster import Node

Known = Mapping[str, Facts]
"""The hosts that could be read, by key."""

MANY = 3


class Severity(Enum):
    """How much a check weighs: a requirement stops a production cluster, a certainty any, an advice none."""

    ADVICE = "advice"
    REQUIREMENT = "requirement"
    CERTAINTY = "certainty"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One host that does not meet one check."""

    node: Node
    found: str
    needed: str
    remedy: str


class Outcome(Enum):
    """What comes of a finding."""

    ERROR = "error"
    WARNING = "warning"
    ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A miss with its check's name and what comes of it; of an accepted one, the remedy is the stack's reason."""

    check: str
    outcome: Outcome
    miss: Violation


def some(items: Iterable[str]) -> str:
    """Return the first few of many as text."""
    listed = list(items)
    more = f" and {len(listed) - MANY} more" if len(listed) > MANY else ""
    return ", ".join(listed[:MANY]) + more

"""The findings of checks, and their severity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from components.facts.model import Facts
from components.topology.cluster import Node

Hosts = Mapping[str, Facts]
"""The hosts that could be read, by key."""

LISTED = 3


class Severity(Enum):
    """How severe a check is: a requirement stops a production cluster, a certainty every one, an advice none."""

    ADVICE = "advice"
    REQUIREMENT = "requirement"
    CERTAINTY = "certainty"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One host that does not meet one check."""

    node: Node
    actual: str
    required: str
    remedy: str


class Outcome(Enum):
    """The outcome of a finding."""

    ERROR = "error"
    WARNING = "warning"
    ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A violation with the name of its check and its outcome; an accepted one has the stack's reason as its remedy."""

    check: str
    outcome: Outcome
    violation: Violation


def some(items: Iterable[str]) -> str:
    """Return the first few items as text, and the number of the others."""
    texts = list(items)
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    return ", ".join(texts[:LISTED]) + more

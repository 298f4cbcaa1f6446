"""All findings in one table."""

from collections.abc import Iterable

from components.columns import aligned
from components.preflight.finding import Finding, Outcome

HEADING = ("", "host", "check", "actual", "required", "what to do")
WIDTH = 60  # of a cell with text from a host
ORDER = (Outcome.ERROR, Outcome.WARNING, Outcome.ACCEPTED)


def table(findings: Iterable[Finding]) -> list[str]:
    """Return the findings as lines of aligned columns, the worst first."""
    ranked = sorted(findings, key=lambda finding: ORDER.index(finding.outcome))
    return aligned([HEADING, *map(_row, ranked)])


def _row(finding: Finding) -> tuple[str, ...]:
    violation, outcome = finding.violation, finding.outcome
    remedy = f"reason: {violation.remedy}" if outcome is Outcome.ACCEPTED else violation.remedy
    cells = _cut(violation.actual), _cut(violation.required)
    return (outcome.value, violation.node.label, finding.check, *cells, remedy)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."

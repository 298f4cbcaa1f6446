"""All findings in one table."""

from collections.abc import Iterable

from components.columns import aligned
from components.preflight.finding import Finding, Outcome

HEADING = ("", "host", "check", "found", "needed", "what to do")
WIDTH = 60  # of a cell that a host filled
ORDER = (Outcome.ERROR, Outcome.WARNING, Outcome.ACCEPTED)


def table(findings: Iterable[Finding]) -> list[str]:
    """Return the findings as lines of aligned columns, the worst first."""
    ranked = sorted(findings, key=lambda finding: ORDER.index(finding.outcome))
    return aligned([HEADING, *map(_row, ranked)])


def _row(finding: Finding) -> tuple[str, ...]:
    miss = finding.miss
    remedy = f"reason: {miss.remedy}" if finding.outcome is Outcome.ACCEPTED else miss.remedy
    return (finding.outcome.value, miss.node.label, finding.check, _cut(miss.found), _cut(miss.needed), remedy)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."

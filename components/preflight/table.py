"""All findings in one table."""

from collections.abc import Iterable, Iterator, Sequence

from components.preflight.finding import Finding, Outcome

HEADING = ("", "host", "check", "found", "needed", "what to do")
WIDTH = 60  # of a cell that a host filled
ORDER = (Outcome.ERROR, Outcome.WARNING, Outcome.ACCEPTED)


def table(findings: Iterable[Finding]) -> list[str]:
    """Return the findings as lines of aligned columns, the worst first."""
    ranked = sorted(findings, key=lambda finding: ORDER.index(finding.outcome))
    rows = [HEADING, *map(_row, ranked)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    return list(_aligned(rows, widths))


def _row(finding: Finding) -> tuple[str, ...]:
    miss = finding.miss
    remedy = f"reason: {miss.remedy}" if finding.outcome is Outcome.ACCEPTED else miss.remedy
    return (finding.outcome.value, miss.node.label, finding.check, _cut(miss.found), _cut(miss.needed), remedy)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _aligned(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

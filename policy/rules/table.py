"""Prints the table of rules in README.md: `python -m policy.rules.table`."""

import sys
from collections.abc import Iterator

from policy.rules.index import RULES, Rule

SHOWN = {"disabled": "off"}


def rows() -> Iterator[str]:
    """Yield the lines of the table, one rule per line."""
    yield "| rule | requirement | production | test | settings |"
    yield "| --- | --- | --- | --- | --- |"
    for rule in RULES:
        levels = " | ".join(SHOWN.get(level, level) for level in (rule.production, rule.test))
        yield f"| `{rule.name}` | {rule.description} | {levels} | {_limits(rule)} |"


def _limits(rule: Rule) -> str:
    return ", ".join(f"`{key}: {value}`" for key, value in rule.limits.items())


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")

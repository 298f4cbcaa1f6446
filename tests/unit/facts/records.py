"""Facts that were recorded on lab hosts: `infra` has the product, `query` is bare."""

from pathlib import Path

from components.facts.model import Facts
from components.facts.parse import parse

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> str:
    """Return the output of the reader's script on a host."""
    return (RECORDED / f"{name}.txt").read_text()


def parsed(text: str, *, sent: float = 0, received: float = 1) -> Facts:
    """Return the facts of an answer; tests of the clock pass the operator's times."""
    return parse(text.encode(), sent=sent, received=received)


def facts(name: str) -> Facts:
    """Return the facts of a recorded host, received a tenth of a second after the query."""
    text = recorded(name)
    clock = int(text.partition("clock\t")[2].split()[0]) / 1e9
    return parsed(text, sent=clock - 0.05, received=clock + 0.05)


def added(name: str, *rows: str) -> str:
    """Return a recorded answer with further rows before its end."""
    return recorded(name).replace("\nend\n", "".join(f"\n{row}" for row in rows) + "\nend\n")


def instead(name: str, kind: str, *rows: str) -> str:
    """Return a recorded answer with other rows of a kind, or with none."""
    lines = [line for line in recorded(name).splitlines() if line.partition("\t")[0] != kind]
    return "\n".join([*lines[:-1], *rows, lines[-1]]) + "\n"

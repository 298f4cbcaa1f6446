"""Facts recorded on lab hosts: `infra` with the product, `query` bare."""

from pathlib import Path

from components.facts.model import Facts
from components.facts.parse import parse

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> str:
    """Return what the reader's script printed on a host."""
    return (RECORDED / f"{name}.txt").read_text()


def parsed(text: str, *, sent: float = 0, heard: float = 1) -> Facts:
    """Return the facts of an answer; its clock is compared with the operator's only where a test gives times."""
    return parse(text.encode(), sent=sent, heard=heard)


def facts(name: str) -> Facts:
    """Return the facts of a recorded host, heard a tenth of a second after they were asked for."""
    text = recorded(name)
    clock = int(text.split("\t", 2)[1].split()[0]) / 1e9
    return parsed(text, sent=clock - 0.05, heard=clock + 0.05)


def added(name: str, *rows: str) -> str:
    """Return a recorded answer with further rows before its end."""
    return recorded(name).replace("\nend\n", "".join(f"\n{row}" for row in rows) + "\nend\n")


def instead(name: str, kind: str, *rows: str) -> str:
    """Return a recorded answer with other rows of a kind, or with none."""
    lines = [line for line in recorded(name).splitlines() if line.partition("\t")[0] != kind]
    return "\n".join([*lines[:-1], *rows, lines[-1]]) + "\n"

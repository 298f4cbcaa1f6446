"""Facts recorded on lab hosts: `infra` with the product, `query` bare."""

from pathlib import Path

from components.host.facts.model import Facts
from components.host.facts.parse import parse

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> str:
    """Return what the reader's script printed on a host."""
    return (RECORDED / f"{name}.txt").read_text()


def facts(name: str) -> Facts:
    """Return the facts of a recorded host, heard a tenth of a second after they were asked for."""
    text = recorded(name)
    told = int(text.split("\t", 2)[1].split()[0]) / 1e9
    return parse(text, sent=told - 0.05, heard=told + 0.05)

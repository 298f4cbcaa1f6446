"""Hypothesis strategies for data from hosts: any JSON, and recorded answers with changes."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.unit.facts.records import recorded

RECORD = next(line for line in recorded("infra").splitlines() if line.startswith("manifest\t")).partition("\t")[2]
RECEIPT = '{"time": "2026-11-24T14:08:54Z", "host": "infra", "files": {"/etc/x": "' + "a" * 64 + '"}}'
NASTY = (
    "", "\x1b[2J", "\u202e", "\u2028", "\x00", "\r", "-1", "9" * 400, "9" * 5000, "\u0663", "NaN", "x" * 3000, "{",
    "[" * 500, "{}", '{"files": {"\\n": 1}}', "null", "\ud7ff\U0010ffff", "end", "infra (h1.lab.internal)",
    "2026-11-24T14:08:54Z",
)  # fmt: skip
FREE = frozenset(
    (
        "os",
        "host_name",
        "architecture",
        "selinux",
        "product",
        "monit",
        "unit",
        "peer",
        "listening",
        "receipt",
        "manifest",
    )
)
words = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
# Receipts of an accepted form, with strings that no honest host has.
receipts = st.builds(
    lambda host, machine, path: json.dumps(
        {**json.loads(RECEIPT), "host": host, "machine": machine * 32, "files": {path: "a" * 64}}
    ),
    words,
    st.sampled_from("0f"),
    words,
)
records = st.builds(
    lambda text, keys: json.dumps(
        {
            "written": "9999-12-31T23:59:59Z",
            "state": "complete",
            "cluster": {
                "hosts": {key: {"fqdn": text, "ip": text, "state": ["dis"]} for key in keys},
                "release": "9",
                "acl_database": text,
                "etcd": keys,
                "config_servers": keys,
                "kinds": {"dis": keys, "tdcp": keys},
            },
        }
    ),
    words,
    st.lists(st.sampled_from(["infra", "query1", "other"]), unique=True),
)


def set_in(raw: dict[str, Any], place: Sequence[int], value: object) -> None:
    """Set a value in nested JSON objects; each number selects a key, as deep as there are objects."""
    for number in place[:-1]:
        below = raw[list(raw)[number % len(raw)]]
        raw = below if isinstance(below, dict) and below else raw
    raw[list(raw)[place[-1] % len(raw)]] = value


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a recorded answer with some changed lines, cells and bytes."""
    lines = recorded(draw(st.sampled_from(["infra", "query"]))).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        number = draw(st.integers(0, len(lines) - 1))
        cells = lines[number].split("\t")
        match draw(st.sampled_from(["cell", "cell", "cell", "drop", "double", "cut", "more", "kind", "json"])):
            case "cell":
                cells[draw(st.integers(0, len(cells) - 1))] = draw(words)
            case "drop":
                cells = cells[: draw(st.integers(0, len(cells) - 1))]
            case "double":
                lines.insert(number, lines[number])
            case "cut":
                cells[-1] = cells[-1][: draw(st.integers(0, 80))]
            case "more":
                cells += draw(st.lists(words, max_size=4))
            case "kind":
                cells[0] = lines[draw(st.integers(0, len(lines) - 1))].partition("\t")[0]
            case _:
                cells[-1] = json.dumps(draw(values))
        lines[number] = "\t".join(cells)
    answer = bytearray("\n".join([*lines, ""]).encode(errors="surrogatepass"))
    for _ in range(draw(st.integers(0, 3))):
        answer[draw(st.integers(0, len(answer) - 1))] = draw(st.integers(0, 255))
    return bytes(answer)


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """Return a recorded answer with other strings and JSON where any are allowed, so that most answers still parse."""
    lines = recorded(draw(st.sampled_from(["infra", "query"]))).splitlines()
    free = [number for number, line in enumerate(lines) if line.partition("\t")[0] in FREE]
    for number in draw(st.lists(st.sampled_from(free), min_size=1, max_size=8)):
        kind = lines[number].partition("\t")[0]
        other = draw(
            {"receipt": values.map(json.dumps) | receipts, "manifest": values.map(json.dumps) | records}.get(
                kind, words
            )
        )
        lines[number] = "\t".join([*lines[number].split("\t")[:-1], " ".join(other.split())])
    lines[-1:] = [*(f"etcd_data\t{' '.join(draw(words).split())}" for _ in range(draw(st.integers(0, 4)))), "end"]
    return "\n".join([*lines, ""]).encode(errors="replace")

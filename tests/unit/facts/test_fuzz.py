"""Any bytes from a host become facts with bounded printable strings, or UnreadableError, and later code never fails."""

import json
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.drift import find_drift, installed_hosts
from components.facts.model import Damaged, Facts
from components.facts.parse import UnreadableError, parse
from components.host_text import HostTextError, fingerprints
from components.plan import plan
from components.preflight.checks import check_hosts
from components.preflight.table import table
from components.safety.checks import check_safety
from components.safety.manifests import find_manifest
from components.steps.reason import SAFE
from components.topology.manifest import ManifestFile
from tests.unit.conftest import spec_of
from tests.unit.facts.fuzzed import RECEIPT, RECORD, altered, mutated, set_in, values, words
from tests.unit.facts.hostile_answers import ANSWERS
from tests.unit.facts.records import added, instead, recorded
from tests.unit.facts.texts import REASON, bad_texts, texts

SPEC = spec_of("production")
PLAN = plan(SPEC, digest="0" * 64)
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
PRINT = ":".join(["0A", "F9"] * 16)


def read(answer: bytes) -> Facts | None:
    """Return facts with acceptable strings, or None if the answer is unreadable for an acceptable reason."""
    try:
        result = parse(answer, sent=0, received=1)
    except UnreadableError as error:
        assert_fine(str(error))
        return None
    assert bad_texts(result) == []
    return result


def assert_fine(reason: str) -> None:
    assert reason.isprintable()
    assert 0 < len(reason) <= REASON


@given(
    st.binary(max_size=4000) | st.lists(words, max_size=40).map(lambda cells: "\t".join(cells).encode(errors="replace"))
)
@settings(max_examples=300)
def test_any_bytes_are_read_or_unreadable(answer: bytes) -> None:
    read(answer)
    read(answer + b"\nend\n")
    read(recorded("query").encode() + answer)


@given(mutated())
@settings(max_examples=500)
def test_changed_answers_are_read_or_unreadable(answer: bytes) -> None:
    read(answer)


@given(st.lists(altered(), min_size=3, max_size=3), st.booleans())
@settings(max_examples=100)
@example([answer.sent for name, answer in ANSWERS.items() if name.startswith("receipt")][:3], True)  # noqa: FBT003
@example([answer.sent for name, answer in ANSWERS.items() if name.startswith("manifest")][:3], False)  # noqa: FBT003
def test_everything_derived_from_facts_never_fails_and_is_printable(answers: list[bytes], preview: bool) -> None:  # noqa: FBT001
    facts = {key: result for key, result in zip(SPEC.cluster.nodes, map(read, answers), strict=True) if result}
    manifests = find_manifest(SPEC, facts)
    drifted = find_drift(PLAN, facts, installed=installed_hosts(facts, manifests.manifest), now=NOW)
    assert {character for reason in drifted.values() for character in reason.text} <= SAFE
    refused = [refusal.line for refusal in check_safety(SPEC, facts, manifests, preview=preview)]
    assert [
        text for text in (*refused, *manifests.warnings, *table(check_hosts(SPEC, facts))) if not text.isprintable()
    ] == []


@given(values)
@settings(max_examples=300)
def test_any_json_is_a_manifest_or_damaged(value: object) -> None:
    for text in (
        json.dumps(value),
        f'{{"written": "2026-11-24T14:08:54Z", "state": "complete", "cluster": {json.dumps(value)}}}',
    ):
        _check_manifest(text)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), values)
@settings(max_examples=300)
def test_a_changed_manifest_is_valid_or_damaged(place: list[int], value: object) -> None:
    raw = json.loads(RECORD)
    set_in(raw, place, value)
    _check_manifest(json.dumps(raw))


def _check_manifest(text: str) -> None:
    try:
        result = ManifestFile.read(text)
    except HostTextError as error:
        assert_fine(str(error))
        return
    assert result.state == "begun" or result.cluster is not None
    assert bad_texts(result) == []
    assert len(list(texts(result))) < 1000


@given(st.one_of(words, values.map(json.dumps)), st.lists(st.integers(0, 9), min_size=1, max_size=3), values)
@settings(max_examples=300)
def test_any_receipt_is_valid_or_damaged(text: str, place: list[int], value: object) -> None:
    raw = json.loads(RECEIPT)
    set_in(raw, place, value)
    for row in (text, json.dumps(raw)):
        one_line = " ".join(row.replace("\t", " ").split("\n")).encode(errors="replace").decode()
        receipt = parse(added("query", f"receipt\tx\t{one_line}").encode(), sent=0, received=1).receipts["x"]
        assert bad_texts(receipt) == []
        assert bool(receipt.damage) != bool(receipt.time)
        assert set(receipt.now) == set(receipt.files)


@given(st.lists(st.one_of(words, st.builds("fact: {}={}".format, words, words | st.just(PRINT)))))
@settings(max_examples=200)
def test_any_output_has_printable_fingerprints_or_none(lines: list[str]) -> None:
    output = "\n".join([*lines, f"fact: last={PRINT}"])
    result = fingerprints(output)
    assert result.pop("last") == PRINT
    assert bad_texts(result) == []
    assert set(result.values()) <= {PRINT}


def test_a_manifest_without_a_state_is_damaged() -> None:
    """Verify that the properties above can fail: the same functions, with one outcome each."""
    assert isinstance(
        parse(instead("infra", "manifest", "manifest\t{}").encode(), sent=0, received=1).manifest, Damaged
    )
    assert read(b"end\n") is None
    assert bad_texts({"a\x1b": ("b", ["c\u202e"])}) == ["a\x1b", "c\u202e"]
    assert bad_texts("x" * 2050) == ["x" * 2050]

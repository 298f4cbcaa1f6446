"""Each limit and form of a host's text: accepted values, replaced characters, and messages for refused ones."""

import json
from collections.abc import Mapping
from typing import Annotated

import pytest
from pydantic import Field

from components.host_text import (
    ANSWER_BYTES,
    LINES,
    SHORT,
    TEXT,
    Digest,
    HostModel,
    HostTextError,
    MachineId,
    Text,
    Timestamp,
    fingerprints,
    integer,
    parse,
    printable,
    quoted,
    rows,
)

CONTROLS = "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b"
MARKS = "\u061c\u200b\u200e\u200f\u202a\u202e\u2028\u2029\u2066\u2069\ufeff\ue000\ud800\U000e0001"
NO_TIME = "String should match pattern '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'"
THREE = json.dumps({"files": dict.fromkeys("abc", "0" * 64)})
PRINT = ":".join(["0A", "F9"] * 16)


class Sample(HostModel):
    """A model with one field of each form."""

    text: Text = ""
    time: Timestamp = "2026-01-01T00:00:00Z"
    digest: Digest = "0" * 64
    machine: MachineId = "0" * 32
    count: int = 0
    keys: tuple[Text, ...] = ()
    files: Annotated[Mapping[Text, Digest], Field(max_length=2)] = {}


@pytest.mark.parametrize("character", CONTROLS + MARKS + "\xa0\u3000")
def test_characters_that_act_on_a_terminal_are_replaced(character: str) -> None:
    assert printable(f"a{character}b") == "a?b"
    assert quoted(f"a{character}b") in ("a?b", "a b")


def test_letters_of_any_script_are_kept() -> None:
    assert printable("Zürich, Ελλάς, 東京 ✓ 🙂") == "Zürich, Ελλάς, 東京 ✓ 🙂"
    assert printable("") == ""


def test_a_long_text_is_cut() -> None:
    assert printable("x" * TEXT) == "x" * TEXT
    assert printable("x" * (TEXT + 1)) == "x" * (TEXT - 3) + "..."
    assert printable("\x1b" * 9, 5) == "??..."


def test_a_quotation_is_one_short_line() -> None:
    assert quoted("  one\r\n\ttwo\u2028three\x85four  ") == "one two three four"
    assert quoted("x" * SHORT) == "x" * SHORT
    assert quoted("x" * 10**6) == "x" * (SHORT - 3) + "..."
    assert quoted(" " * 10**6 + "x") == ""


def test_rows_are_kinds_with_their_cells() -> None:
    assert list(rows(b"clock\t1\nend\n")) == [("clock", ["1"]), ("end", []), ("", [])]
    assert list(rows(b"")) == [("", [])]
    # only a line feed ends a line, and cells are not yet printable
    assert list(rows("a\tb\r\u2028\tc".encode())) == [("a", ["b\r\u2028", "c"])]
    assert list(rows(b"a\t\xff\xc3\x00")) == [("a", ["\ufffd\ufffd\x00"])]


def test_an_answer_has_a_maximum_of_bytes_and_lines() -> None:
    assert len(list(rows(b"x" * ANSWER_BYTES))) == 1
    with pytest.raises(HostTextError, match=r"^its answer is longer than 1 MiB$"):
        list(rows(b"x" * (ANSWER_BYTES + 1)))
    assert len(list(rows(b"\n" * (LINES - 1)))) == LINES
    with pytest.raises(HostTextError, match=r"^its answer has more than 20000 lines$"):
        list(rows(b"\n" * LINES))


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), (str(2**63), 2**63), ("0" * 19 + "1", 1)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert integer(text) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", " 1", "1\n", "1_000", "1.5", "1e3", "0x1", "٣", "²", str(2**63 + 1), "0" * 21]
)
def test_an_invalid_number_is_refused(text: str) -> None:
    with pytest.raises(HostTextError) as error:
        integer(text)
    assert str(error.value) == f"{quoted(text)!r} is not a whole number up to {2**63}"


def test_a_number_above_its_maximum_is_refused() -> None:
    assert integer("65535", 65535) == 65535
    with pytest.raises(HostTextError, match=r"^'65536' is not a whole number up to 65535$"):
        integer("65536", 65535)


def test_a_long_number_is_shortened_in_the_message() -> None:
    with pytest.raises(HostTextError) as error:
        integer("9" * 10**6)
    assert str(error.value) == f"'{'9' * 117}...' is not a whole number up to {2**63}"


def test_fingerprints_are_read_from_separate_lines() -> None:
    assert fingerprints(f"changed: x\nfact: web={PRINT}\nfact: configuration_server={PRINT}\n") == {
        "web": PRINT,
        "configuration_server": PRINT,
    }


@pytest.mark.parametrize(
    "line",
    [
        "",
        "fact: web=",
        f"fact: web={PRINT.lower()}",
        f"fact: web={PRINT[:-3]}",
        f"fact: web={PRINT}:00",
        f"fact: web={PRINT} ",
        f" fact: web={PRINT}",
        f"fact: web={PRINT}\r",
        f"fact: web\u2028={PRINT}",
        f"fact: Web={PRINT}",
        f"fact: {'w' * 33}={PRINT}",
        f"fact: web=\x1b[31m{PRINT}",
    ],
)
def test_a_malformed_fingerprint_is_ignored(line: str) -> None:
    assert fingerprints(f"{line}\nfact: other={PRINT}") == {"other": PRINT}


def test_fingerprints_after_the_maximum_length_are_ignored() -> None:
    assert fingerprints("x" * ANSWER_BYTES + f"\nfact: web={PRINT}") == {}


def test_json_becomes_a_model_with_printable_strings() -> None:
    text = '{"text": "a\\u001b\\n\\u202eb", "keys": ["\\t", "東京"], "count": 3, "newer": [1]}'
    assert parse(Sample, text) == Sample(text="a???b", keys=("?", "東京"), count=3)
    assert parse(Sample, '{"text": "one", "text": "two"}') == Sample(text="two")
    assert parse(Sample, f'{{"text": "{"x" * 2000}"}}').text == "x" * 1021 + "..."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "Input should be an object"),
        ("NaN", "Input should be an object"),
        ('{"count": "3"}', "count: Input should be a valid integer"),
        ('{"count": true}', "count: Input should be a valid integer"),
        ('{"count": NaN}', "count: Input should be a valid integer"),
        ('{"text": 5}', "text: Input should be a valid string"),
        ('{"text": "\\ud800"}', "Invalid JSON: unexpected end of hex escape at line 1 column 17"),
        ('{"time": "2026-01-01 00:00:00"}', f"time: {NO_TIME}"),
        ('{"time": "2026-01-01T00:00:00Z\\n"}', f"time: {NO_TIME}"),
        ('{"time": "٢026-01-01T00:00:00Z"}', f"time: {NO_TIME}"),
        (f'{{"digest": "{"A" * 64}"}}', "digest: String should match pattern '^[0-9a-f]{64}$'"),
        (f'{{"machine": "{"0" * 33}"}}', "machine: String should match pattern '^[0-9a-f]{32}$'"),
        ('{"keys": {"a": 1}}', "keys: Input should be a valid array"),
        ('{"keys": ["a", 1]}', "keys.1: Input should be a valid string"),
        ('{"files": {"a\\u001b[31m\\nb": "x"}}', "files.a?[31m b: String should match pattern '^[0-9a-f]{64}$'"),
        (THREE, "files: Dictionary should have at most 2 items after validation, not more"),
        ("[" * 10**5, "Invalid JSON: recursion limit exceeded at line 1 column 202"),
        ('{"a":' * 10**5, "Invalid JSON: recursion limit exceeded at line 1 column 1006"),
        (f'{{"count": {"9" * 5000}}}', "Invalid JSON: number out of range at line 1 column 4312"),
        (f'{{"newer": {"9" * 5000}}}', "Invalid JSON: number out of range at line 1 column 4312"),
        (f"[{',' * 20_001}]", "it has more than 20000 values"),
    ],
)  # fmt: skip
def test_invalid_json_is_refused_with_the_place_and_without_the_value(text: str, message: str) -> None:
    with pytest.raises(HostTextError) as error:
        parse(Sample, text)
    assert str(error.value) == message
    assert str(error.value).isprintable()
    assert len(str(error.value)) <= 2 * SHORT + 2

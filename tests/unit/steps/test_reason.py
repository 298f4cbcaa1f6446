"""The text of a reason is one line of bounded length with safe characters, whatever a host sends."""

import re
import string

import pytest

from components.steps.reason import SAFE, Reason

SINCE = "2026-11-01T08:00:00Z"
# Repeated on purpose: anyone who adds a character must consider every shell.
ALLOWED = frozenset(string.ascii_letters + string.digits + " ._/:,+@=-")


def drift(*what: str) -> Reason:
    return Reason(what=what, since=SINCE)


def test_only_these_characters_are_safe() -> None:
    assert SAFE == ALLOWED


def test_drift_has_the_time_of_the_last_success() -> None:
    assert drift("unit monit is disabled", "/etc/one changed").text == (
        f"drift: unit monit is disabled, /etc/one changed since {SINCE}"
    )


def test_a_missing_receipt_has_the_machine_and_the_time_of_reading() -> None:
    reason = Reason(what=("no receipt on machine",), since=SINCE, machine="56d8f530")
    assert reason.text == f"no receipt on machine 56d8f530 at {SINCE}"


@pytest.mark.parametrize("character", sorted(set(map(chr, range(0x180))) - ALLOWED) + list("\u202e\u2028\ufeff\ud800٣"))
def test_every_other_character_is_replaced(character: str) -> None:
    assert drift(f"a{character}b").text == f"drift: a_b since {SINCE}"
    other = Reason(what=("x",), since=f"n{character}w", machine=f"m{character}e")
    assert other.text == "x m_e at n_w"
    assert other.stamp == ""


def test_a_long_item_is_shortened() -> None:
    assert drift("x" * 160).text == f"drift: {'x' * 160} since {SINCE}"
    assert drift("x" * 161).text == f"drift: {'x' * 157}... since {SINCE}"


def test_only_the_first_five_items_are_named() -> None:
    assert drift(*"abcde").text == f"drift: a, b, c, d, e since {SINCE}"
    assert drift(*"abcdefg").text == f"drift: a, b, c, d, e, 2 more since {SINCE}"


def test_a_token_has_sixteen_digits_that_depend_on_the_reason() -> None:
    tokens = {drift(what).token for what in ("a", "b", "c\n", "d")}
    assert len(tokens) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", token) for token in tokens)
    assert drift("a").token == drift("a").token
    assert drift("a").token != Reason(what=("a",), since="2026-11-02T08:00:00Z").token


def test_a_stamp_has_the_digits_of_the_time() -> None:
    assert drift("a").stamp == "20261101080000"

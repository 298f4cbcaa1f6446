"""Parsing takes little time and memory for any answer of the allowed length."""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from components.facts.model import Facts
from components.facts.parse import parse
from components.host_text import ANSWER_BYTES
from tests.unit.facts.records import added, recorded
from tests.unit.facts.texts import bad_texts

T = TypeVar("T")
ROOM = ANSWER_BYTES - len(recorded("query")) - 200
SECONDS, MEBIBYTES = 5, 100
TIME = '"time": "2026-11-24T14:08:54Z"'
COMPLETE = '{"written": "2026-11-24T14:08:54Z", "state": "complete", "cluster": '


def filled(begin: str, part: str, end: str = "") -> str:
    """Return a row of the maximum length of an answer."""
    return begin + part * ((ROOM - len(begin) - len(end)) // len(part.encode())) + end


def many(row: str, count: int) -> list[str]:
    """Return rows up to the maximum length or number of lines of an answer."""
    return [row] * min(count, ROOM // (len(row.encode()) + 1))


WORST = {
    "cells": [filled("x", "\ta")],
    "wide-cells": [filled("x", "\t\u0100")],
    "cells-of-a-place": [filled("place\t/x\t1\t2\t3\t4\txfs\t/dev", "\tab")],
    "controls": [filled("x\t", "\x1b")],
    "astral-characters": [filled("x\t", "\U0001f642")],
    "lines": many("", 19_900),
    "short-lines": many("x\ty", 19_900),
    "peers": [f"peer\t{number}\t{'x' * 30}\tsilent" for number in range(19_900)],
    "addresses": many(f"forward\tx\t{'1.1 ' * 250}", 19_900),
    "services": many(f"monit\tx{' ' * 2000}x", 19_900),
    "java": [filled("java\t", 'version "')],
    "receipts": [f"receipt\t{number}\t{{}}" for number in range(19_900)],
    "receipt-of-wrong-values": [filled(f'receipt\tx\t{{{TIME}, "files": [', "0,", "0]}")],
    "receipts-of-wrong-files": many(
        f'receipt\tx\t{{{TIME}, "files": {{{",".join(f"{chr(34)}{n}{chr(34)}:0" for n in range(19_900))}}}}}', 9
    ),
    "record-of-wrong-values": [filled(f'manifest\t{COMPLETE}{{"etcd": [', "0,", "0]}}")],
    "record-of-some-wrong-values": [f'manifest\t{COMPLETE}{{"etcd": [{"0," * 19_900}0]}}}}'],
    "record-of-wrong-hosts": [
        f'manifest\t{COMPLETE}{{"hosts": {{{",".join(f"{chr(34)}{n}{chr(34)}:0" for n in range(19_900))}}}}}}}'
    ],
    "record-of-brackets": [filled("manifest\t", "[")],
    "record-of-digits": [filled("manifest\t", "9")],
    "record-of-a-long-name": [filled(f'manifest\t{COMPLETE}{{"hosts": {{"', "\\u001b", '": {}}}}')],
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_answers_take_bounded_time_and_memory(name: str) -> None:
    answer = added("query", *WORST[name]).encode()
    assert len(answer) <= ANSWER_BYTES
    began = time.process_time()
    facts, taken = measured(lambda: parse(answer, sent=0, received=1))
    assert time.process_time() - began < SECONDS
    assert taken < MEBIBYTES
    assert isinstance(facts, Facts)
    assert bad_texts(facts) == []


def test_the_measurement_detects_more_memory() -> None:
    _, taken = measured(lambda: [number * 1000 for number in range(5_000_000)])
    assert taken > MEBIBYTES


def measured(work: Callable[[], T]) -> tuple[T, float]:
    """Return the result of work and the most MiB of memory that it took, including libraries in Rust and C.

    The kernel counts (proc_pid_clear_refs(5)), because tracing each allocation takes six times as long as parsing.
    """
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    done = work()
    return done, resident("VmHWM") - before


def resident(which: str) -> float:
    """Return a value of this process's resident memory, in MiB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{which}:"))
    return int(line.split()[1]) / 1024

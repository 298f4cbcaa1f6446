"""Text from hosts as bounded, printable and typed values; no other module reads bytes from a host.

A host may be compromised, old, full or lying. So its JSON is decoded first and made printable afterwards, numbers and
strings have a maximum length, and anything else raises HostTextError, which the caller reports for that host only.
"""

import re
from collections.abc import Iterator
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

ANSWER_BYTES = 2**20
ERROR_BYTES = 2**16
LINES = 20_000
TEXT = 1_024  # characters of one value
SHORT = 120  # characters that a message quotes
_DIGITS = 20  # of an integer: a clock in nanoseconds has fewer
_VALUES = 20_000  # of JSON, counted by commas: each invalid one takes half a kilobyte
_UNPRINTABLE = "?"
_FINGERPRINT = re.compile(r"fact: (?P<name>[a-z_]{1,32})=(?P<value>([0-9A-F]{2}:){31}[0-9A-F]{2})")


class HostTextError(ValueError):
    """A host sent malformed data; the message quotes only printable text."""


def printable(text: str, limit: int = TEXT) -> str:
    """Return text without characters that act on a terminal: controls, line breaks, bidirectional marks."""
    shown = text if len(text) <= limit else f"{text[: limit - 3]}..."
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else _UNPRINTABLE for character in shown)


def quoted(text: str) -> str:
    """Return a host's text as one short line that a message may quote."""
    return printable(" ".join(text[: 4 * SHORT].split()), SHORT)


def rows(answer: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of an answer as their kind and their cells, which tabs separate; raises HostTextError.

    Cells are not yet printable, because JSON in a cell must be decoded first.
    """
    if len(answer) > ANSWER_BYTES:
        raise HostTextError(f"its answer is longer than {ANSWER_BYTES // 2**20} MiB")
    lines = answer.decode("utf-8", errors="replace").split("\n", LINES)
    if len(lines) > LINES:
        raise HostTextError(f"its answer has more than {LINES} lines")
    for line in lines:
        kind, *cells = line.split("\t")
        yield kind, cells


def integer(text: str, maximum: int = 2**63) -> int:
    """Return a whole number from 0 to `maximum`, in decimal digits; raises HostTextError."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= maximum):
        raise HostTextError(f"{quoted(text)!r} is not a whole number up to {maximum}")
    return int(text)


def fingerprints(output: str) -> dict[str, str]:
    """Return the certificate fingerprints in a step's output by name, from lines `fact: NAME=FINGERPRINT`."""
    matches = (_FINGERPRINT.fullmatch(line) for line in output[:ANSWER_BYTES].split("\n"))
    return {match["name"]: match["value"] for match in matches if match}


class HostModel(BaseModel):
    """JSON from a host: types are strict, and keys of newer programs are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


M = TypeVar("M", bound=HostModel)
Text = Annotated[str, AfterValidator(printable)]
Timestamp = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MACHINE_ID = r"^[0-9a-f]{32}$"  # machine-id(5)
MachineId = Annotated[str, StringConstraints(pattern=MACHINE_ID)]


def parse(model: type[M], text: str) -> M:
    """Return JSON as a model; raises HostTextError with the invalid place, never with the value.

    The decoder itself limits nesting and digits.
    """
    if text.count(",") > _VALUES:
        raise HostTextError(f"it has more than {_VALUES} values")
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = quoted(".".join(map(str, first["loc"])))
        raise HostTextError(f"{where}: {quoted(first['msg'])}" if where else quoted(first["msg"])) from None

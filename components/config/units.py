"""Sizes and times as an operator writes them: 128GiB, 500MiB, 2s."""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_BYTES = {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = r"^(\d+(?:\.\d+)?) ?(MiB|GiB|TiB)$"
_SECONDS = r"^(\d+(?:\.\d+)?) ?s$"


def parse_size(text: object) -> int:
    """Return a size in bytes; raises ValueError for anything but a number with MiB, GiB or TiB."""
    match = re.match(_SIZE, text) if isinstance(text, str) else None
    if not match:
        raise ValueError("write a size with its unit, like 128GiB")
    return int(float(match[1]) * _BYTES[match[2]])


def parse_seconds(text: object) -> float:
    """Return a time in seconds; raises ValueError for anything but a number with s."""
    match = re.match(_SECONDS, text) if isinstance(text, str) else None
    if not match:
        raise ValueError("write a time in seconds, like 2s")
    return float(match[1])


def show_size(size: float) -> str:
    """Return a size as a person reads it: in GiB, or in MiB below one."""
    if size < _BYTES["GiB"]:
        return f"{size / _BYTES['MiB']:.0f} MiB"
    return f"{size / _BYTES['GiB']:.0f} GiB"


Size = Annotated[int, BeforeValidator(parse_size), WithJsonSchema({"type": "string", "pattern": _SIZE})]
Seconds = Annotated[float, BeforeValidator(parse_seconds), WithJsonSchema({"type": "string", "pattern": _SECONDS})]

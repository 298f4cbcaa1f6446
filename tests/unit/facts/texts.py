"""Every string inside facts, at any depth."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from pydantic import BaseModel

from components.host_text import SHORT, TEXT

LONGEST = 2 * TEXT + 1  # a peer's name and port, as one key
REASON = 4 * SHORT  # a reason, with the place in the answer


def texts(value: object) -> Iterator[str]:
    """Yield each string in dataclasses, models, mappings (with their keys) and sequences."""
    match value:
        case str():
            yield value
        case None | int() | float():
            pass
        case Mapping():
            for key, inner in value.items():
                yield from texts(key)
                yield from texts(inner)
        case tuple() | list() | set() | frozenset():
            for inner in value:
                yield from texts(inner)
        case BaseModel():
            yield from texts(dict(value))
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from texts(getattr(value, field.name))
        case _:
            raise TypeError(f"unexpected type {type(value).__name__} in facts")


def bad_texts(value: object) -> list[str]:
    """Return the strings that are not printable or too long."""
    return [text for text in texts(value) if not text.isprintable() or len(text) > LONGEST]

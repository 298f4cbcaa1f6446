"""The grammar of the profile's argument lists: literals with `{noun.field}`, `each` and `join`, nothing more."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.errors import ProfileError

Nouns = Mapping[str, Sequence[Mapping[str, str]]]

_REFERENCE = re.compile(r"\{([a-z_]+)\.([a-z_]+)\}")


def expand(arguments: Sequence[Any], nouns: Nouns) -> tuple[str, ...]:
    """Return an argument list with all nouns filled in.

    An argument is a literal, `{each: noun, args: [...]}` (the list once for each) or `{join: noun.field, with: ","}`.
    Raises ProfileError when an argument has another form or names what does not exist, or not exactly once.
    """
    return tuple(text for argument in arguments for text in _expand(argument, nouns))


def fill(text: str, nouns: Nouns) -> str:
    """Return one literal with its `{noun.field}` filled in; each noun must exist exactly once."""
    return _REFERENCE.sub(lambda match: _only(match[1], match[2], nouns), text)


def _expand(argument: object, nouns: Nouns) -> tuple[str, ...]:
    match argument:
        case str():
            return (fill(argument, nouns),)
        case {"each": str(noun), "args": list(inner), **rest} if not rest:
            return tuple(text for one in _all(noun, nouns) for text in expand(inner, {**nouns, noun: [one]}))
        case {"join": str(path), "with": str(separator), **rest} if path.count(".") == 1 and not rest:
            noun, field = path.split(".")
            found = _all(noun, nouns)
            if not found:
                raise ProfileError([f"{{join: {path}}} means no host here; use each, which then gives no argument"])
            return (separator.join(_field(noun, field, one) for one in found),)
        case _:
            raise ProfileError([f"argument {argument!r} is neither a text, {{each, args}} nor {{join, with}}"])


def _all(noun: str, nouns: Nouns) -> Sequence[Mapping[str, str]]:
    if noun not in nouns:
        raise ProfileError([f"there is no noun {noun!r}; there are {', '.join(sorted(nouns))}"])
    return nouns[noun]


def _only(noun: str, field: str, nouns: Nouns) -> str:
    found = _all(noun, nouns)
    if len(found) != 1:
        raise ProfileError([f"{{{noun}.{field}}} means {len(found)} hosts here; use each or join"])
    return _field(noun, field, found[0])


def _field(noun: str, field: str, one: Mapping[str, str]) -> str:
    if field not in one:
        raise ProfileError([f"{noun} has no field {field!r}; it has {', '.join(sorted(one))}"])
    return one[field]

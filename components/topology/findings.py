"""How a finding of pydantic's is worded for an operator: key path, offending value, what would be right."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SHOWN = 60  # characters of an offending value

# What would be right, by the kind of the finding; pydantic's own words where they serve.
BY_KIND: Mapping[str, str] = MappingProxyType(
    {
        "list_type": "write a list, like [infra]",
        "too_short": "name at least one",
        "dict_type": "write a mapping of keys to values",
        "model_type": "write a mapping of keys to values",
        "string_type": "write a text",
        "int_parsing": "write a whole number",
        "int_type": "write a whole number",
    }
)


def lines(error: ValidationError, *, root: str, right: Mapping[str, str], kind: str) -> Iterator[str]:
    """Yield one line for each finding.

    `root` stands before the key paths, `right` says what would be right by a key's name, `kind` is what is read.
    """
    seen = set()
    for detail in error.errors():
        path = _path(detail)
        if path not in seen:  # the branches of a union each tell the same trouble
            yield _line(detail, path, ".".join([root, *path]), right, kind)
        seen.add(path)


def _path(detail: ErrorDetails) -> tuple[str, ...]:
    """Return the key path without pydantic's marks for a union's branch or a mapping's key, which no one wrote."""
    marks = ("constrained-", "literal[", "function-", "[key]")
    return tuple(str(part) for part in detail["loc"] if not str(part).startswith(marks))


def _line(detail: ErrorDetails, path: tuple[str, ...], where: str, right: Mapping[str, str], kind: str) -> str:
    name = next((part for part in reversed(path) if not part.isdigit()), "")
    match detail["type"]:
        case "missing":
            return f"{where}: is missing; {right.get(name, 'add it')}"
        case "extra_forbidden":
            return f"{where}: is not a key of the {kind}; check its spelling or remove it"
        case _ if "[key]" in detail["loc"]:
            return f"{where}: {name!r} is no key for a host; use lower-case letters, digits and dashes"
    message = detail["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{where}: {_shown(detail['input'])} does not fit; {right.get(name) or BY_KIND.get(detail['type'], message)}"


def _shown(value: object) -> str:
    """Show an offending value, shortened."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."

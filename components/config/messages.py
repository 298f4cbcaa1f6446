"""Turns pydantic's errors into messages for an operator: key path, offending value, remedy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.host_text import printable

Path = tuple[str, ...]

SHOWN = 60  # characters of an offending value
PEM = "-----BEGIN"  # the text may be a private key, whatever the field is for
SHAPES = (
    (str, "(a string)"),
    (Mapping, "(a mapping)"),
    (list, "(a list)"),
    ((int, float), "(a number)"),
    (object, "(another type)"),
)

# Remedies by pydantic's error type; for the others, pydantic's own message is good enough.
BY_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "list_type": "write a list, like [infra]",
        "too_short": "list at least one",
        "dict_type": "write a mapping of keys to values",
        "model_type": "write a mapping of keys to values",
        "model_attributes_type": "write a mapping of keys to values",
        "string_type": "write a string",
        "int_parsing": "write a whole number",
        "int_type": "write a whole number",
        "greater_than_equal": "write at least {ge}",
        "less_than_equal": "write at most {le}",
        "literal_error": "write {expected}",
    }
)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How findings are worded.

    `root` precedes the key paths. `remedies` are by a key's name or, for unknown keys below it, by "name.*". Values at
    `secret` paths are never shown. `tagged` are the paths of unions, to which pydantic adds the branch.
    """

    root: str
    remedies: Mapping[str, str]
    secret: tuple[Path, ...] = ()
    tagged: tuple[Path, ...] = ()


def lines(error: ValidationError, wording: Wording) -> Iterator[str]:
    """Yield one line for each finding."""
    seen = set()
    for detail in error.errors():
        path = _path(detail, wording)
        if path not in seen:  # each branch of a union reports the same problem
            yield _line(detail, path, wording)
        seen.add(path)


def _path(detail: ErrorDetails, wording: Wording) -> Path:
    """Return the key path without pydantic's marks for union branches and mapping keys, which are not in the file.

    It ends at a secret, because a name below it could be the misplaced secret itself.
    """
    marks = ("constrained-", "literal[", "function-", "[key]")
    path = tuple(str(part) for part in detail["loc"] if not str(part).startswith(marks))
    for union in wording.tagged:
        if path[: len(union)] == union:
            path = union + path[len(union) + 1 :]
    if detail["type"].startswith("union_tag_"):
        path = (*path, _discriminator(detail))
    return next((secret for secret in wording.secret if path[: len(secret)] == secret), path)


def _line(detail: ErrorDetails, path: Path, wording: Wording) -> str:
    name = next((part for part in reversed(path) if not part.isdigit()), "")
    where, remedy = printable(".".join([wording.root, *path])), wording.remedies.get(name)
    match detail["type"]:
        case "missing" | "union_tag_not_found":
            return f"{where}: is missing; {remedy or 'add it'}"
        case "extra_forbidden" if detail["loc"][-1] == name:  # otherwise the name is below a secret and may be one
            remedy = wording.remedies.get(".".join([*path[-2:-1], "*"]))
            return f"{where}: unknown key; {remedy or 'check its spelling or remove it'}"
        case _ if "[key]" in detail["loc"]:
            return f"{where}: invalid key {name!r}; use lower-case letters, digits and dashes"
    message = detail["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if detail["type"] == "value_error" and isinstance(detail["input"], Mapping):
        remedy = message  # how the keys of a mapping combine, which no single key's remedy covers
    shown = _shown(detail, path, wording)
    template = BY_TYPE.get(detail["type"])  # pydantic's own message is not a template: it may contain braces
    general = template.format_map(detail.get("ctx", {})) if template else message
    return f"{where}: invalid value {shown}; {remedy or general}"


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _shown(detail: ErrorDetails, path: Path, wording: Wording) -> str:
    """Return an offending value, shortened; for a secret, and for a value that may contain one, only its type."""
    value = detail["input"]
    if detail["type"] == "union_tag_invalid":
        value = detail["ctx"]["tag"]
    text = repr(value)
    if PEM in text or any(path[: len(secret)] == secret[: len(path)] for secret in wording.secret):
        return next(name for kind, name in SHAPES if isinstance(value, kind))
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."

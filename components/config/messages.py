"""Words pydantic's errors for an operator: key path, offending value, remedy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.host_text import printable

Path = tuple[str, ...]

SHOWN = 60  # characters of an offending value
MARK = "-----BEGIN"  # of PEM text, which may be a private key in any field
SHAPES = (
    (str, "(a text)"),
    (Mapping, "(a mapping)"),
    (list, "(a list)"),
    ((int, float), "(a number)"),
    (object, "(nothing)"),
)

# Remedies by the kind of the error; pydantic's own words where they serve.
BY_KIND: Mapping[str, str] = MappingProxyType(
    {
        "list_type": "write a list, like [infra]",
        "too_short": "name at least one",
        "dict_type": "write a mapping of keys to values",
        "model_type": "write a mapping of keys to values",
        "model_attributes_type": "write a mapping of keys to values",
        "string_type": "write a text",
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

    `root` precedes the key paths, `right` has remedies by a key's name or, for unknown keys below it,
    by "name.*", `kind` is what is read, `secret` are the paths whose values are never shown, `tagged` those of unions,
    where pydantic adds the branch.
    """

    root: str
    right: Mapping[str, str]
    kind: str
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
    """Return the key path without pydantic's marks for a union's branch or a mapping's key, which no one wrote.

    It ends at a secret: a name below it could be the secret itself, misplaced.
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
    where, right = printable(".".join([wording.root, *path])), wording.right.get(name)
    match detail["type"]:
        case "missing" | "union_tag_not_found":
            return f"{where}: is missing; {right or 'add it'}"
        case "extra_forbidden" if detail["loc"][-1] == name:  # otherwise the name is below a secret and may be one
            known = wording.right.get(".".join([*path[-2:-1], "*"]))
            return f"{where}: unknown key of the {wording.kind}; {known or 'check its spelling or remove it'}"
        case _ if "[key]" in detail["loc"]:
            return f"{where}: invalid host key {name!r}; use lower-case letters, digits and dashes"
    message = detail["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if detail["type"] == "value_error" and isinstance(detail["input"], Mapping):
        right = message  # how the keys of a mapping combine, which no single key's remedy covers
    shown = _shown(detail, path, wording)
    known = BY_KIND.get(detail["type"])  # only these are templates; pydantic's own words may hold braces
    remedy = known.format_map(detail.get("ctx", {})) if known else message
    return f"{where}: invalid value {shown}; {right or remedy}"


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _shown(detail: ErrorDetails, path: Path, wording: Wording) -> str:
    """Show an offending value, shortened; of a secret and of what may hold one, only what it is."""
    value = detail["input"]
    if detail["type"] == "union_tag_invalid":
        value = detail["ctx"]["tag"]
    text = repr(value)
    if MARK in text or any(path[: len(secret)] == secret[: len(path)] for secret in wording.secret):
        return next(name for kind, name in SHAPES if isinstance(value, kind))
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."

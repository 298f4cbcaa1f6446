"""String types of a release profile: which characters a path, a name or a command argument may contain.

The strings reach shell scripts, SQL and file names on the hosts, so each pattern lists the allowed characters. Only
command arguments may contain anything on one line, because scripts receive them quoted, as an array.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # and Unicode's line separators
# A path component is not only dots, so neither `.` nor `..`.
_PART = r"\.{0,2}[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*"
_VARIABLE = r"\{[a-z_]+\.[a-z_]+\}"


def _matching(pattern: str, remedy: str) -> AfterValidator:
    """Return a validator that a whole string matches a pattern."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(remedy)
        return text

    return AfterValidator(check)


def _in_one_line(value: Any) -> Any:  # noqa: ANN401 - an argument of any shape
    if any(map(CONTROL.search, _texts(value))):
        raise ValueError("write it on one line, without control characters")
    return value


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, inner in value.items():
                yield from _texts(key)
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


Name = Annotated[
    str,
    _matching(r"[A-Za-z0-9][A-Za-z0-9@._-]*", "use only letters, digits and @ . _ -, starting with a letter or digit"),
]
AccountName = Annotated[str, _matching(r"[a-z_][a-z0-9_-]{0,31}", "write an account name, like irisadmin")]
AbsolutePath = Annotated[
    str,
    _matching(
        rf"/({_PART}(/{_PART})*/?)?",
        "write an absolute path with only letters, digits and . _ @ + -, without . and ..",
    ),
]
# The host resolves this path once the version of the installed package is known.
VersionedPath = Annotated[
    str,
    _matching(
        r"(/\.{0,2}([A-Za-z0-9_@+-]|\{release\.full\})([A-Za-z0-9._@+-]|\{release\.full\})*)+",
        "write an absolute path with only letters, digits, . _ @ + - and {release.full}, without . and ..",
    ),
]
# An argument of a command: a string, or a template that arguments.py expands.
Argument = Annotated[Any, AfterValidator(_in_one_line)]
Word = Annotated[str, AfterValidator(_in_one_line)]
PackageName = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9][A-Za-z0-9._+-]*", "write a package name with only letters, digits and . _ + -, like illumon-db"
    ),
]
PackageVersion = Annotated[
    str,
    _matching(
        rf"([A-Za-z0-9._+~^]|{_VARIABLE})([A-Za-z0-9._+~^-]|{_VARIABLE})*",
        'write VERSION-RELEASE as in rpm, like "{release.full}-1"',
    ),
]
JavaVersion = Annotated[str, _matching(r"[0-9][A-Za-z0-9._+-]*", "write the beginning of the version, like 1.8.0")]
# Appears in SQL without quotes and inside '...'.
Identifier = Annotated[
    str,
    _matching(
        r"[A-Za-z_][A-Za-z0-9_]{0,31}", "use at most 32 letters, digits and underscores, not starting with a digit"
    ),
]
# Becomes part of a sed pattern; of the allowed characters, only the dot is special there.
ReportedWords = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9][A-Za-z0-9 ._:=,/()-]*",
        "use only letters, digits, spaces and . _ : = , / ( ) -, starting with a letter or digit",
    ),
]

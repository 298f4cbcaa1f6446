"""The forms of texts in a release profile: which characters a path, a name or a word of a command may have.

They reach shell scripts, SQL and names of files on the hosts, so each form lists what it allows. Only words of commands
may hold anything in one line: a script is given them quoted, as an array.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # also what breaks a line in Unicode
# Not only dots, so neither `.` nor `..`.
_PART = r"\.{0,2}[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*"
_NOUN = r"\{[a-z_]+\.[a-z_]+\}"


def _form(pattern: str, remedy: str) -> AfterValidator:
    """Return a check that all of a text has a form."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(remedy)
        return text

    return AfterValidator(check)


def _in_one_line(value: Any) -> Any:  # noqa: ANN401 - an argument of any shape
    if any(map(CONTROL.search, _texts(value))):
        raise ValueError("write it in one line, without control characters")
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
    _form(
        r"[A-Za-z0-9][A-Za-z0-9@._-]*", "write letters, digits and @ . _ -, with a letter or a digit at the beginning"
    ),
]
AccountName = Annotated[str, _form(r"[a-z_][a-z0-9_-]{0,31}", "write an account name, like irisadmin")]
AbsolutePath = Annotated[
    str,
    _form(
        rf"/({_PART}(/{_PART})*/?)?",
        "write an absolute path of letters, digits and . _ @ + -, with no part . or ..",
    ),
]
# Its file is found on the host, once the version of the installed package is known.
VersionedPath = Annotated[
    str,
    _form(
        r"(/\.{0,2}([A-Za-z0-9_@+-]|\{release\.full\})([A-Za-z0-9._@+-]|\{release\.full\})*)+",
        "write an absolute path of letters, digits and . _ @ + -, with no part . or ..; it may hold {release.full}",
    ),
]
# A word of a command; arguments.py expands everything except texts.
Argument = Annotated[Any, AfterValidator(_in_one_line)]
Word = Annotated[str, AfterValidator(_in_one_line)]
PackageName = Annotated[
    str,
    _form(r"[A-Za-z0-9][A-Za-z0-9._+-]*", "write a package's name: letters, digits and . _ + -, like illumon-db"),
]
PackageVersion = Annotated[
    str,
    _form(
        rf"([A-Za-z0-9._+~^]|{_NOUN})([A-Za-z0-9._+~^-]|{_NOUN})*",
        'write a version as rpm has it, like "{release.full}-1"',
    ),
]
JavaVersion = Annotated[str, _form(r"[0-9][A-Za-z0-9._+-]*", "write how the version begins, like 1.8.0")]
# Unquoted in SQL and inside '...'.
Identifier = Annotated[
    str, _form(r"[A-Za-z_][A-Za-z0-9_]{0,31}", "write at most 32 letters, digits and underscores, no digit first")
]
# A part of a pattern of sed, in which only dots are special then.
ReportedWords = Annotated[
    str,
    _form(
        r"[A-Za-z0-9][A-Za-z0-9 ._:=,/()-]*",
        "write letters, digits, blanks and . _ : = , / ( ) -, with a letter or a digit at the beginning",
    ),
]

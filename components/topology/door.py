"""The door: from what a stack file says to a checked configuration, or to every finding at once."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.topology.checks import check
from components.topology.config import ClusterConfig
from components.topology.errors import ConfigurationError

ROOT = "deephaven:cluster"

# What would be right, by the last name of the key path; the pattern itself would say nothing to an operator.
RIGHT = {
    "fqdn": "write the full lower-case name, like infra.example.com",
    "ip": "write one address, like 10.0.0.11",
    "version": 'write the release as a quoted text, like "1.20200121"',
    "build": 'write the three digits of the build as a quoted text, like "008"',
    "file": "write a path relative to the project, without blanks",
    "user": "write an account name, like centos",
    "port": "write a port from 1 to 65535",
    "kind": "only self-signed is supported so far",
    "environment": "write test or production",
}


def read(raw: object) -> ClusterConfig:
    """Check the configuration object and return it as models.

    Raises ConfigurationError with one line for each finding: key path, offending value, what would be right.
    """
    if not isinstance(raw, Mapping):
        raise ConfigurationError([f"{ROOT}: must be a mapping with hosts, etcd, release, ssh ...; see stacks/"])
    findings: list[str] = []
    config = None
    try:
        config = ClusterConfig.model_validate(raw)
    except ValidationError as error:
        findings += [_line(detail) for detail in error.errors() if not _shadowed(detail, error)]
    findings += [f"{ROOT}.{finding}" for finding in check(raw)]
    if config is None or findings:
        raise ConfigurationError(findings)
    return config


def _shadowed(detail: ErrorDetails, error: ValidationError) -> bool:
    """Say whether a union's further branch tells the same trouble again."""
    first = next(other for other in error.errors() if _path(other) == _path(detail))
    return first is not detail and first["loc"] != detail["loc"]


def _path(detail: ErrorDetails) -> tuple[str, ...]:
    """Return the key path; pydantic adds the branch of a union or the mark of a mapping's key, which no one wrote."""
    names = [str(part) for part in detail["loc"]]
    known = [
        name for name in names if not name.startswith(("constrained-", "literal[", "function-")) and name != "[key]"
    ]
    return tuple(known)


def _line(detail: ErrorDetails) -> str:
    """Word one finding of pydantic's for an operator."""
    path = _path(detail)
    where = ".".join([ROOT, *path])
    match detail["type"]:
        case "missing":
            return f"{where}: is missing; {RIGHT.get(path[-1], 'add it')}"
        case "extra_forbidden":
            return f"{where}: is not a key of the configuration; check its spelling or remove it"
        case _:
            right = "use lower-case letters, digits and dashes" if "[key]" in detail["loc"] else _right(path, detail)
            return f"{where}: {_shown(detail['input'])} does not fit; {right}"


def _right(path: tuple[str, ...], detail: ErrorDetails) -> str:
    """Return what would be right for a key, in words where there are some, else as pydantic says it."""
    name = next((part for part in reversed(path) if not part.isdigit()), "")
    message = detail["msg"]
    return RIGHT.get(name, message[:1].lower() + message[1:])


def _shown(value: Any) -> str:  # noqa: ANN401 - a stack file may hold anything
    """Show an offending value, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a line's worth

"""Hosts that are an output of another stack: `hosts: {stack: ORGANIZATION/PROJECT/STACK, output: NAME}`. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from components.config.fields import Model
from components.config.loader import ROOT
from components.config.messages import Wording, lines
from components.config.models import HostKey
from components.errors import ConfigurationError
from components.host_text import printable

WHERE = f"{ROOT}.hosts"
WORDING = Wording(
    root=WHERE,
    right={
        "stack": "write ORGANIZATION/PROJECT/STACK; self-managed backends call their organization `organization`",
        "output": "write the name of an output of that stack",
        "overrides": "write a mapping of host keys to what differs, like {infra: {roles: [infra]}}",
    },
    kind="hosts of another stack",
)


class StackHosts(Model):
    """The hosts of another stack's output, with `overrides` laid over it."""

    stack: str = Field(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$", description="ORGANIZATION/PROJECT/STACK")
    output: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_.:-]{0,99}$",
        description="the output: a mapping of host keys to hosts as in a stack file",
    )
    overrides: dict[HostKey, dict[str, Any]] = Field(
        default={}, description="what differs from the output or is not in it, by host key: roles, for instance"
    )


@dataclass(frozen=True, kw_only=True)
class StackOutputs:
    """The outputs of a stack as its last update left them, and the names of those that are secrets."""

    values: Mapping[str, Any]
    secret: frozenset[str] = frozenset()


def is_reference(raw: object) -> bool:
    """Return whether the hosts of a raw configuration are another stack's; no host is a text."""
    hosts = raw.get("hosts") if isinstance(raw, Mapping) else None
    return isinstance(hosts, Mapping) and any(isinstance(hosts.get(key), str) for key in ("stack", "output"))


def resolve_hosts(raw: Mapping[str, Any], read: Callable[[str], StackOutputs]) -> dict[str, Any]:
    """Return a configuration whose hosts are those of the other stack; raises ConfigurationError.

    `read` returns the outputs of a stack by its name, and raises ConfigurationError when the stack does not exist.
    """
    try:
        wanted = StackHosts.model_validate(raw["hosts"])
    except ValidationError as error:
        raise ConfigurationError(lines(error, WORDING)) from None
    hosts = _output(wanted, read(wanted.stack))
    unknown = [key for key in wanted.overrides if key not in hosts]
    if unknown:
        known = ", ".join(sorted(printable(str(key)) for key in hosts))
        raise ConfigurationError(
            f"{WHERE}.overrides.{key}: {wanted.stack} has no such host; its hosts: {known}" for key in unknown
        )
    return {**raw, "hosts": {key: _merged(host, wanted.overrides.get(key, {})) for key, host in hosts.items()}}


def _output(wanted: StackHosts, outputs: StackOutputs) -> Mapping[str, Any]:
    where, name = f"{WHERE}.output", f"output {wanted.output!r} of {wanted.stack}"
    if wanted.output not in outputs.values:
        known = ", ".join(sorted(map(printable, outputs.values))) or "none"
        raise ConfigurationError([f"{where}: {wanted.stack} has no output {wanted.output!r}; its outputs: {known}"])
    if wanted.output in outputs.secret:
        raise ConfigurationError([f"{where}: {name} is a secret; export it in plain, hosts must be known to previews"])
    value = outputs.values[wanted.output]
    if not isinstance(value, Mapping):
        remedy = "export a mapping of host keys to hosts, like {infra: {fqdn: infra.example.com, ip: 10.0.0.11}}"
        raise ConfigurationError([f"{where}: {name} is not a mapping; {remedy}"])
    return value


def _merged(host: object, override: Mapping[str, Any]) -> object:
    """Return a host with what differs laid over it; numbers of outputs are floats, so whole ones become integers."""
    plain = _plain(host)
    return {**plain, **override} if isinstance(plain, dict) else plain


def _plain(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value

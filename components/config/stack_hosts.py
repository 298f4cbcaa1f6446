"""Hosts from an output of another stack: `hosts: {stack: ORGANIZATION/PROJECT/STACK, output: NAME}`. Pure."""

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
    remedies={
        "stack": "write ORGANIZATION/PROJECT/STACK; in self-managed backends, the organization is `organization`",
        "output": "write the name of an output of that stack",
        "overrides": "write a mapping of host keys to their overrides, like {infra: {roles: [infra]}}",
    },
)


class StackHosts(Model):
    """Hosts from an output of another stack, with `overrides` merged over them."""

    stack: str = Field(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$", description="ORGANIZATION/PROJECT/STACK")
    output: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_.:-]{0,99}$",
        description="name of the output: a mapping of host keys to hosts, as in a stack file",
    )
    overrides: dict[HostKey, dict[str, Any]] = Field(
        default={}, description="keys that the output lacks or that differ from it, by host key: roles, for instance"
    )


@dataclass(frozen=True, kw_only=True)
class StackOutputs:
    """The outputs of a stack after its last update, and the names of the secret ones."""

    values: Mapping[str, Any]
    secret: frozenset[str] = frozenset()


def is_reference(raw: object) -> bool:
    """Return whether a raw configuration takes its hosts from another stack; a host itself is never a string."""
    hosts = raw.get("hosts") if isinstance(raw, Mapping) else None
    return isinstance(hosts, Mapping) and any(isinstance(hosts.get(key), str) for key in ("stack", "output"))


def resolve_hosts(raw: Mapping[str, Any], read: Callable[[str], StackOutputs]) -> dict[str, Any]:
    """Return a configuration with the hosts of the other stack; raises ConfigurationError.

    `read` returns the outputs of a stack by its name; it raises ConfigurationError if the stack does not exist.
    """
    try:
        reference = StackHosts.model_validate(raw["hosts"])
    except ValidationError as error:
        raise ConfigurationError(lines(error, WORDING)) from None
    hosts = _output(reference, read(reference.stack))
    unknown = [key for key in reference.overrides if key not in hosts]
    if unknown:
        keys = ", ".join(sorted(printable(str(key)) for key in hosts))
        raise ConfigurationError(
            f"{WHERE}.overrides.{key}: unknown host of {reference.stack}; use one of {keys}" for key in unknown
        )
    return {**raw, "hosts": {key: _merged(host, reference.overrides.get(key, {})) for key, host in hosts.items()}}


def _output(reference: StackHosts, outputs: StackOutputs) -> Mapping[str, Any]:
    where, name = f"{WHERE}.output", f"output {reference.output!r} of {reference.stack}"
    if reference.output not in outputs.values:
        names = ", ".join(sorted(map(printable, outputs.values))) or "(none)"
        raise ConfigurationError([f"{where}: unknown {name}; use one of {names}"])
    if reference.output in outputs.secret:
        raise ConfigurationError([f"{where}: {name} is a secret; export it unencrypted: previews need the hosts"])
    value = outputs.values[reference.output]
    if not isinstance(value, Mapping):
        remedy = "export a mapping of host keys to hosts, like {infra: {fqdn: infra.example.com, ip: 10.0.0.11}}"
        raise ConfigurationError([f"{where}: {name} is not a mapping; {remedy}"])
    return value


def _merged(host: object, override: Mapping[str, Any]) -> object:
    """Return a host with its overrides; outputs have floats only, so whole numbers become integers."""
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

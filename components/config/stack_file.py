"""Reads the cluster's configuration from a stack file, without Pulumi and without decrypting secrets."""

from collections.abc import Mapping
from pathlib import Path

from components.config.loader import ROOT, load_config
from components.config.models import ClusterConfig
from components.config.project_file import ProjectFile
from components.config.stack_hosts import is_reference
from components.config.yaml_text import parse_yaml
from components.errors import ConfigurationError

ENCRYPTED = "[encrypted]"  # replaces each secret, because plans do not need secrets


def load_stack(file: Path) -> ClusterConfig:
    """Return the checked configuration of a stack file; raises ConfigurationError."""
    stacks = ", ".join(sorted(path.name.split(".")[1] for path in file.parent.glob("Pulumi.*.yaml")))
    text = ProjectFile(where=file.name, name=str(file), path=file, expected=f"a stack file (stacks: {stacks})").text()
    try:
        stack = parse_yaml(text)
    except ValueError as error:
        raise ConfigurationError([f"{file.name}: {error}"]) from None
    config = stack.get("config") if isinstance(stack, Mapping) else None
    if not isinstance(config, Mapping) or ROOT not in config:
        raise ConfigurationError([f"{file.name}: config.{ROOT} is missing; add the cluster's configuration"])
    raw = _without_secrets(config[ROOT])
    if is_reference(raw):
        raise ConfigurationError([f"{ROOT}.hosts: only Pulumi can read outputs of another stack; run pulumi preview"])
    return load_config(raw)


def _without_secrets(value: object) -> object:
    match value:
        case {"secure": str(), **rest} if not rest:
            return ENCRYPTED
        case Mapping():
            return {key: _without_secrets(inner) for key, inner in value.items()}
        case list():
            return [_without_secrets(inner) for inner in value]
        case _:
            return value

"""Fixtures that unit tests share: the configuration of the test stack and its resolved deployment spec."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from components.config.loader import load_config
from components.release.profile import load_profile
from components.release.spec import DeploymentSpec
from components.topology.cluster import Cluster

# The duration of an example depends more on the machine's load than on the program.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def raw() -> dict[str, Any]:
    """Return the test stack's configuration object, as the engine passes it; tests may change it."""
    return raw_of("test")


@pytest.fixture
def spec(raw: dict[str, Any]) -> DeploymentSpec:
    """Return the deployment spec of the test stack."""
    return make_spec(raw)


def make_spec(raw: Mapping[str, Any]) -> DeploymentSpec:
    """Return the deployment spec of a configuration object."""
    config = load_config(raw)
    return DeploymentSpec(Cluster(config), load_profile(config.release.version, config.release.overrides))


def raw_of(stack: str) -> dict[str, Any]:
    """Return a stack's configuration object as in its file; tests may change it."""
    raw: dict[str, Any] = _decrypted(_stack(stack)["config"]["deephaven:cluster"])
    return raw


@cache
def _stack(name: str) -> Any:  # noqa: ANN401 - any YAML value
    return yaml.safe_load((PROJECT / f"stacks/Pulumi.{name}.yaml").read_text())


def _decrypted(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Return a value with some text in the place of each encrypted one, as the engine would decrypt it."""
    match value:
        case {"secure": str()}:
            return "decrypted"
        case dict():
            return {key: _decrypted(inner) for key, inner in value.items()}
        case list():
            return [_decrypted(inner) for inner in value]
        case _:
            return value


def spec_of(stack: str) -> DeploymentSpec:
    """Return the deployment spec of a stack."""
    return make_spec(raw_of(stack))

"""What unit tests share: the configuration of the test stack and the site it makes."""

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

# How long an example takes says more of the machine's load than of the program.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def raw() -> dict[str, Any]:
    """Return the test stack's configuration object, as the engine hands it over, free to be changed."""
    return raw_of("test")


@pytest.fixture
def spec(raw: dict[str, Any]) -> DeploymentSpec:
    """Return the site of the test stack."""
    return make_site(raw)


def make_site(raw: Mapping[str, Any]) -> DeploymentSpec:
    """Return the site of a configuration object."""
    config = load_config(raw)
    return DeploymentSpec(Cluster(config), load_profile(config.release.version, config.release.overrides))


def raw_of(stack: str) -> dict[str, Any]:
    """Return a stack's configuration object as its file says it, free to be changed."""
    raw: dict[str, Any] = _in_clear(_stack(stack)["config"]["deephaven:cluster"])
    return raw


@cache
def _stack(name: str) -> Any:  # noqa: ANN401 - any YAML value
    return yaml.safe_load((PROJECT / f"stacks/Pulumi.{name}.yaml").read_text())


def _in_clear(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Return a value in which what is encrypted is some text, as the engine would have put one there."""
    match value:
        case {"secure": str()}:
            return "decrypted"
        case dict():
            return {key: _in_clear(inner) for key, inner in value.items()}
        case list():
            return [_in_clear(inner) for inner in value]
        case _:
            return value


def spec_of(stack: str) -> DeploymentSpec:
    """Return the site of a stack."""
    return make_site(raw_of(stack))

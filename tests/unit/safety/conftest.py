"""The three-host stack and its manifest."""

import pytest

from components.release.spec import DeploymentSpec
from components.topology.manifest import Manifest
from tests.unit.conftest import spec_of


@pytest.fixture(scope="session")
def spec() -> DeploymentSpec:
    """Return the deployment spec of the three-host stack."""
    return spec_of("production")


@pytest.fixture(scope="session")
def recorded(spec: DeploymentSpec) -> Manifest:
    """Return the manifest of the three-host stack."""
    return Manifest.of(spec.cluster, spec.product_release)

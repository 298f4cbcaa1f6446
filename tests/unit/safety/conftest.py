"""The three-host stack and the record that it leaves."""

import pytest

from components.release.spec import DeploymentSpec
from components.topology.manifest import Manifest
from tests.unit.conftest import spec_of


@pytest.fixture(scope="session")
def spec() -> DeploymentSpec:
    """Return the site of the three-host stack."""
    return spec_of("production")


@pytest.fixture(scope="session")
def known(spec: DeploymentSpec) -> Manifest:
    """Return the record that the three-host stack leaves."""
    return Manifest.of(spec.cluster, spec.product_release)

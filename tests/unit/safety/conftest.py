"""The three-host stack and the record that it leaves."""

import pytest

from components.release.spec import Site
from components.topology.manifest import Record
from tests.unit.conftest import site_of


@pytest.fixture(scope="session")
def site() -> Site:
    """Return the site of the three-host stack."""
    return site_of("production")


@pytest.fixture(scope="session")
def known(site: Site) -> Record:
    """Return the record that the three-host stack leaves."""
    return Record.of(site.cluster, site.product_release)

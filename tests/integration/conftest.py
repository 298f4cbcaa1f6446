"""What integration tests share: a stack in a lab of the module, bare or installed, and its logs when a test fails."""

from collections.abc import Iterator
from typing import Any

import pytest

from lab.stages import PROJECT
from tests.support.cluster import Cluster
from tests.support.labs import module_lab, taken
from tests.support.stacks import bare, deployed

LOGS = PROJECT / "lab/.logs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:  # noqa: ANN401 - pytest's protocol
    """Keep the hosts' logs of a failed test."""
    report = yield
    used = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Cluster)]
    if report.failed and used:
        kept = LOGS / item.name
        used[0].lab.keep_logs(kept)
        report.sections.append(("hosts", f"their logs are in {kept.relative_to(PROJECT)}"))
    return report


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a stack on bare hosts: the module's STACK, else test."""
    with taken(module_lab(request.module)) as lab:
        yield bare(lab, getattr(request.module, "STACK", "test"))


@pytest.fixture(scope="module")
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a stack that runs, in a checkout of its own: the module's STACK, else test, with the module's CHANGE."""
    with taken(module_lab(request.module)) as lab:
        stack, change = getattr(request.module, "STACK", "test"), getattr(request.module, "CHANGE", None)
        yield deployed(lab, stack, tmp_path_factory.mktemp("deployed"), change)

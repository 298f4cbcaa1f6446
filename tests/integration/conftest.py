"""Fixtures of integration tests: a stack in the module's lab, on bare hosts or installed, and its logs of failures."""

from collections.abc import Iterator
from typing import Any

import pytest

from lab.stages import PROJECT
from tests.support.cluster import Cluster
from tests.support.labs import module_lab, temporary_lab
from tests.support.stacks import bare_stack, installed_stack

LOGS = PROJECT / "lab/.logs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:  # noqa: ANN401 - pytest's protocol
    """Keep the hosts' logs of a failed test."""
    report = yield
    clusters = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Cluster)]
    if report.failed and clusters:
        logs = LOGS / item.name
        clusters[0].lab.keep_logs(logs)
        report.sections.append(("hosts", f"their logs are in {logs.relative_to(PROJECT)}"))
    return report


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a stack on bare hosts: the module's STACK, by default test."""
    with temporary_lab(module_lab(request.module)) as lab:
        yield bare_stack(lab, getattr(request.module, "STACK", "test"))


@pytest.fixture(scope="module")
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return an installed stack in a checkout of its own: the module's STACK, by default test, with its CHANGE."""
    with temporary_lab(module_lab(request.module)) as lab:
        stack, change = getattr(request.module, "STACK", "test"), getattr(request.module, "CHANGE", None)
        yield installed_stack(lab, stack, tmp_path_factory.mktemp("installed"), change)

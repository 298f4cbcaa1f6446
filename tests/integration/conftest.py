"""What integration tests share: one bare lab host a module, a stack on it, and its logs when a test fails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine.find import Engine
from lab.engine.paths import BIN
from lab.hosts import Lab
from lab.stack import Stack
from lab.stages import PROJECT
from tests.integration.cluster import Cluster
from tests.labs import lab_name

LOGS = PROJECT / "lab/.logs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:  # noqa: ANN401 - pytest's protocol
    """Keep the hosts' logs of a failed test."""
    report = yield
    cluster = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(cluster, Cluster):
        kept = LOGS / item.name
        cluster.lab.keep_logs(kept)
        report.sections.append(("hosts", f"their logs are in {kept.relative_to(PROJECT)}"))
    return report


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a stack on bare hosts: the module's STACK, else test; the lab is named after the module."""
    lab = Lab(lab_name(Path(request.module.__file__).stem.removeprefix("test_")))
    yield bare(lab, getattr(request.module, "STACK", "test"))
    lab.down()


def bare(lab: Lab, stack: str) -> Cluster:
    """Start the bare hosts of a stack and make the stack."""
    made = Stack(lab, stack, engine=Engine(BIN, "build"))
    lab.up(made.hosts, dress=made.dress)
    made.surround()
    made.init()
    return Cluster(made)

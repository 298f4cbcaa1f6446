"""A patch on a running cluster runs exactly the guide's steps on every host, in the guide's order.

Each test continues from the one before, on one cluster.
"""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from lab.hosts.process import wait_until
from tests.integration.deployment.patching import (
    MANAGED_SECONDS,
    PATCH,
    STEPS,
    Baseline,
    StepRun,
    add_site_data,
    assert_intact,
    builds,
    processes,
    service_starts,
    steps_since,
    with_patch,
)
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
STACK = "production"
PARTS = (  # of the guide; each ends on all hosts before the next begins
    ("stop",),
    ("product", "connector"),
    ("start-config-server",),
    ("start-auth-server",),
    ("start on query hosts",),
    ("start",),
    ("services-ok",),
    ("verify",),
    ("manifest",),
)


@pytest.fixture(scope="module")
def baseline(installed: Cluster) -> Baseline:
    """Add a site's data to the cluster of the previous build."""
    return add_site_data(installed)


@pytest.fixture(scope="module")
def patch(installed: Cluster, baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the other build."""
    assert baseline
    return with_patch(installed, tmp_path_factory.mktemp("patch"))


def test_an_update_is_refused_before_services_stop_if_a_host_is_unreachable(patch: Cluster) -> None:
    running = processes(patch, ("h1", "h2"))
    patch.lab.stop("h3")
    preview, update = patch.preview(), patch.up()
    patch.lab.start("h3")
    assert preview.status == 0, preview.output
    assert "query2 (h3.lab.internal): " in preview.output
    assert update.status != 0
    assert (
        "query2 (h3.lab.internal): cannot be reached, while infra has 1.20200121.008-1, query1 has 1.20200121.008-1 and"
        " 1.20200121.012-1 is declared; bring the host up, then run pulumi up again: builds must not be mixed"
    ) in update.output
    assert update.touched == {}
    assert processes(patch, ("h1", "h2")) == running
    assert wait_until(lambda: services_ok(patch), MANAGED_SECONDS)


def test_an_rpm_of_another_build_than_the_declared_one_stops_no_service(installed: Cluster, tmp_path: Path) -> None:
    running = processes(installed)
    copy = with_patch(installed, tmp_path, {"release": {"build": "012"}})
    update = copy.up()
    assert update.status != 0
    assert "step stop: the RPM is illumon-db-1.20200121.008-1, the stack declares illumon-db-1.20200121.012-1" in (
        update.output
    )
    assert {name.partition("-")[2] for name in update.touched} <= {"rpm", "stop"}
    assert processes(installed) == running
    write_config(copy, changed(copy.configuration(), {"release": {"build": "008"}}))
    copy.deploy()
    assert processes(installed) == running
    assert services_ok(installed)


def test_the_preview_shows_exactly_the_steps_of_the_guide(patch: Cluster) -> None:
    preview = patch.successful_preview()
    assert set(preview.touched) == STEPS
    assert {op for op, count in preview.changes.items() if count and op != "same"} <= {"update"}


@pytest.fixture(scope="module")
def result(patch: Cluster) -> tuple[Update, dict[str, StepRun], float]:
    """Run the patch and return the update, the steps that ran on the hosts, and the seconds."""
    begin = time.time()
    update = patch.up()
    seconds = time.time() - begin
    assert update.status == 0, update.output
    return update, steps_since(patch, begin), seconds


def test_the_update_runs_exactly_the_steps_of_the_guide(result: tuple[Update, dict[str, StepRun], float]) -> None:
    update, runs, seconds = result
    print(f"{len(runs)} steps on the hosts of {update.changes} in {seconds:.0f} s")  # noqa: T201 - shown if the test fails
    assert set(update.touched) == STEPS
    assert set(runs) == {name for name in STEPS if not name.endswith("-rpm")}  # the engine's copies write no log


def test_each_part_ends_on_every_host_before_the_next_one_begins(
    result: tuple[Update, dict[str, StepRun], float],
) -> None:
    _, runs, _ = result
    parts = []
    for part in PARTS:
        query = part == ("start on query hosts",)
        steps = ("start",) if query else part
        hosts = ("query1", "query2") if query else ("infra",) if part == ("start",) else ("infra", "query1", "query2")
        parts.append([runs[name] for host in hosts for step in steps if (name := f"{host}-{step}") in runs])
    assert sum(map(len, parts)) == len(runs)
    for earlier, later in pairwise(parts):
        assert max(run.end for run in earlier) <= min(run.begin for run in later)


def test_services_start_in_the_order_of_the_guide_after_all_hosts_have_the_connector(
    patch: Cluster, baseline: Baseline, result: tuple[Update, dict[str, StepRun], float]
) -> None:
    _, runs, _ = result
    times = service_starts(patch, "012")
    assert len(times) == sum(len(baseline.spec.services_of(node)) for node in baseline.spec.cluster.nodes.values())
    first, second = times["infra configuration_server"], times["infra authentication_server"]
    query = [when for name, when in times.items() if name.startswith("query")]
    infra = [when for name, when in times.items() if name.startswith("infra") and when not in (first, second)]
    assert max(run.end for name, run in runs.items() if name.endswith("-connector")) <= first
    assert first < second < min(query)
    assert max(query) < min(infra)


def test_the_cluster_is_intact_and_has_the_new_build_after_the_patch(
    patch: Cluster, baseline: Baseline, result: tuple[Update, dict[str, StepRun], float]
) -> None:
    assert result
    assert builds(patch) == ["012"] * 3
    assert patch.configuration()["release"] == {**PATCH["release"], "version": "1.20200121"}
    assert_intact(patch, baseline)

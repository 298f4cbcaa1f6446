"""A patch on a running cluster: the guide's steps on every host, in the guide's order, and nothing else.

The tests follow one another on one cluster.
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
    Ran,
    builds,
    assert_intact,
    add_site_data,
    patched,
    processes,
    ran_since,
    started,
)
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
STACK = "production"
PARTS = (  # of the guide; each ends before the next begins
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
def before(installed: Cluster) -> Baseline:
    """Furnish the cluster of the former build."""
    return add_site_data(installed)


@pytest.fixture(scope="module")
def patch(installed: Cluster, before: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the other build."""
    assert before
    return patched(installed, tmp_path_factory.mktemp("patch"))


def test_a_host_that_cannot_be_reached_is_said_before_anything_is_stopped(patch: Cluster) -> None:
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


def test_an_rpm_of_another_build_than_the_declared_one_stops_nothing(installed: Cluster, tmp_path: Path) -> None:
    running = processes(installed)
    twin = patched(installed, tmp_path, {"release": {"build": "012"}})
    update = twin.up()
    assert update.status != 0
    assert "step stop: the RPM is illumon-db-1.20200121.008-1, the stack declares illumon-db-1.20200121.012-1" in (
        update.output
    )
    assert {name.partition("-")[2] for name in update.touched} <= {"rpm", "stop"}
    assert processes(installed) == running
    write_config(twin, changed(twin.configuration(), {"release": {"build": "008"}}))
    twin.deploy()
    assert processes(installed) == running
    assert services_ok(installed)


def test_the_preview_shows_exactly_the_steps_of_the_guide(patch: Cluster) -> None:
    preview = patch.successful_preview()
    assert set(preview.touched) == STEPS
    assert {op for op, count in preview.changes.items() if count and op != "same"} <= {"update"}


@pytest.fixture(scope="module")
def done(patch: Cluster) -> tuple[Update, dict[str, Ran], float]:
    """Run the patch; what it said and which steps ran on the hosts."""
    begun = time.time()
    update = patch.up()
    took = time.time() - begun
    assert update.status == 0, update.output
    return update, ran_since(patch, begun), took


def test_the_update_runs_exactly_these_steps_on_exactly_these_hosts(
    done: tuple[Update, dict[str, Ran], float],
) -> None:
    update, ran, took = done
    print(f"{len(ran)} steps on the hosts of {update.changes} in {took:.0f} s")  # noqa: T201 - shown when the test fails
    assert set(update.touched) == STEPS
    assert set(ran) == {name for name in STEPS if not name.endswith("-rpm")}  # the engine's own copy leaves no log


def test_each_part_ends_on_every_host_before_the_next_one_begins(done: tuple[Update, dict[str, Ran], float]) -> None:
    _, ran, _ = done
    parts = []
    for part in PARTS:
        query = part == ("start on query hosts",)
        steps = ("start",) if query else part
        hosts = ("query1", "query2") if query else ("infra",) if part == ("start",) else ("infra", "query1", "query2")
        parts.append([ran[name] for host in hosts for step in steps if (name := f"{host}-{step}") in ran])
    assert sum(map(len, parts)) == len(ran)
    for earlier, later in pairwise(parts):
        assert max(one.ended for one in earlier) <= min(one.begun for one in later)


def test_the_services_themselves_started_in_the_order_of_the_guide_once_the_connector_was_there(
    patch: Cluster, before: Baseline, done: tuple[Update, dict[str, Ran], float]
) -> None:
    _, ran, _ = done
    times = started(patch, "012")
    assert len(times) == sum(len(before.spec.services_of(node)) for node in before.spec.cluster.nodes.values())
    first, second = times["infra configuration_server"], times["infra authentication_server"]
    query = [when for name, when in times.items() if name.startswith("query")]
    infra = [when for name, when in times.items() if name.startswith("infra") and when not in (first, second)]
    assert max(one.ended for name, one in ran.items() if name.endswith("-connector")) <= first
    assert first < second < min(query)
    assert max(query) < min(infra)


def test_nothing_is_lost_nothing_was_made_again_and_nothing_is_left_to_do(
    patch: Cluster, before: Baseline, done: tuple[Update, dict[str, Ran], float]
) -> None:
    assert done
    assert builds(patch) == ["012"] * 3
    assert patch.configuration()["release"] == {**PATCH["release"], "version": "1.20200121"}
    assert_intact(patch, before)

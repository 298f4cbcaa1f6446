"""A patch that is interrupted, by the engine's end or by a host's, is carried on by the next update.

The tests follow one another on one cluster, which goes back to the former build in between.
"""

import time
from pathlib import Path

import pytest

from lab.hosts.process import wait_until
from tests.integration.deployment.patching import (
    DOWNGRADE,
    PATCH,
    STEPS,
    Baseline,
    builds,
    assert_intact,
    add_site_data,
    ran_since,
)
from tests.integration.deployment.test_interrupts import END_SECONDS, update_in
from tests.integration.deployment.test_killed_updates import Watch, kill_all, kill_in_each
from tests.support.cluster import Cluster
from tests.support.stack_file import write_config
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
LAB = "pkills"
STACK = "production"
BOOT_SECONDS = 60  # until monit answers after a start of the host
STARTS = {"infra-start-config-server", "infra-start-auth-server", "query1-start", "query2-start", "infra-start"}


@pytest.fixture(scope="module")
def stack(installed: Cluster) -> Cluster:
    """Return the stack, whose file the tests edit."""
    return installed


@pytest.fixture(scope="module")
def before(stack: Cluster) -> Baseline:
    """Furnish the cluster of the former build."""
    return add_site_data(stack)


@pytest.fixture(autouse=True)
def former(stack: Cluster, before: Baseline) -> None:
    """Bring the former build back before each test."""
    assert before
    write_config(stack, changed(stack.configuration(), DOWNGRADE))
    stack.deploy()
    assert builds(stack) == ["008"] * 3
    write_config(stack, changed(stack.configuration(), {**PATCH, "allow": None}))


def carry_on(stack: Cluster, before: Baseline) -> set[str]:
    """Run the next update to a whole cluster; return the steps that ran on the hosts."""
    begun = time.time()
    stack.deploy()
    ran = set(ran_since(stack, begun))
    print(f"carried on: {time.time() - begun:.0f} s, on the hosts: {' '.join(sorted(ran))}")  # noqa: T201
    assert_intact(stack, before)
    return ran


def answers(stack: Cluster, host: str) -> bool:
    """Say whether monit on a host shows services."""
    return len(stack.services(host)) > 0


def test_the_engine_killed_in_each_step_in_turn(stack: Cluster, before: Baseline) -> None:
    assert kill_in_each(stack, STEPS, Watch(stack, since_now=True)) >= STEPS
    assert_intact(stack, before)


def test_a_host_booted_between_its_stop_and_its_rpm(stack: Cluster, before: Baseline, tmp_path: Path) -> None:
    with update_in(stack, "infra-stop", tmp_path, since_now=True) as running:
        kill_all(running.process)
        stack.stack.pulumi("cancel", "--yes")
    stack.lab.stop("h1")
    stack.lab.start("h1")
    # What was stopped comes back with a machine; the lab's hosts share a kernel, so that monit sees no boot.
    stack.root("monit start all")
    assert wait_until(lambda: stack.services("h1").get("configuration_server") == "OK", BOOT_SECONDS)
    ran = carry_on(stack, before)
    assert {"infra-stop", "infra-product", *STARTS} <= ran


def test_a_host_that_loses_its_power_while_the_rpm_is_installed(stack: Cluster, before: Baseline, tmp_path: Path) -> None:
    with update_in(stack, "query2-product", tmp_path, since_now=True) as running:
        tree = stack.lab.root("h3") / "usr/illumon/1.20200121.012"
        assert wait_until(tree.exists, END_SECONDS)
        stack.lab.kill("h3")
        status, said = running.end(END_SECONDS)
    stack.lab.start("h3")
    print(f"after the power came back, the hosts have {builds(stack)}")  # noqa: T201 - shown when the test fails
    assert status != 0
    assert "query2-product" in said
    assert "Traceback" not in said
    assert wait_until(lambda: answers(stack, "h3"), BOOT_SECONDS)
    ran = carry_on(stack, before)
    assert {"query2-product", *STARTS} <= ran
    assert "infra-stop" not in ran


def test_a_host_booted_while_services_start(stack: Cluster, before: Baseline, tmp_path: Path) -> None:
    with update_in(stack, "infra-start", tmp_path, since_now=True) as running:
        stack.lab.kill("h1")
        status, said = running.end(END_SECONDS)
    stack.lab.start("h1")
    assert status != 0
    assert "infra-start" in said
    assert "Traceback" not in said
    ran = carry_on(stack, before)
    assert ran & {"infra-stop", "infra-product", "query1-start", "query2-start"} == set()

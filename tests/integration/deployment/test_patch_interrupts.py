"""A patch that is interrupted because the engine or a host fails is continued by the next update.

The tests use one cluster, which is downgraded to the previous build before each test.
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
    add_site_data,
    assert_intact,
    builds,
    steps_since,
)
from tests.integration.deployment.test_interrupts import END_SECONDS, update_in
from tests.integration.deployment.test_killed_updates import Watch, kill_all, kill_in_each
from tests.support.cluster import Cluster
from tests.support.stack_file import write_config
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
LAB = "pkills"
STACK = "production"
BOOT_SECONDS = 60  # from the start of the host until monit answers
STARTS = {"infra-start-config-server", "infra-start-auth-server", "query1-start", "query2-start", "infra-start"}


@pytest.fixture(scope="module")
def stack(installed: Cluster) -> Cluster:
    """Return the stack, whose file the tests edit."""
    return installed


@pytest.fixture(scope="module")
def baseline(stack: Cluster) -> Baseline:
    """Add a site's data to the cluster of the previous build."""
    return add_site_data(stack)


@pytest.fixture(autouse=True)
def previous_build(stack: Cluster, baseline: Baseline) -> None:
    """Install the previous build and declare the patch before each test."""
    assert baseline
    write_config(stack, changed(stack.configuration(), DOWNGRADE))
    stack.deploy()
    assert builds(stack) == ["008"] * 3
    write_config(stack, changed(stack.configuration(), {**PATCH, "allow": None}))


def continue_patch(stack: Cluster, baseline: Baseline) -> set[str]:
    """Run the next update, after which the cluster is intact; return the steps that ran on the hosts."""
    begin = time.time()
    stack.deploy()
    ran = set(steps_since(stack, begin))
    print(f"continued: {time.time() - begin:.0f} s, on the hosts: {' '.join(sorted(ran))}")  # noqa: T201
    assert_intact(stack, baseline)
    return ran


def monit_answers(stack: Cluster, host: str) -> bool:
    """Return whether monit lists services on a host."""
    return len(stack.services(host)) > 0


def test_a_patch_is_continued_after_the_engine_was_killed_in_each_step(stack: Cluster, baseline: Baseline) -> None:
    assert kill_in_each(stack, STEPS, Watch(stack, since_now=True)) >= STEPS
    assert_intact(stack, baseline)


def test_a_patch_is_continued_after_a_reboot_between_stop_and_installation(
    stack: Cluster, baseline: Baseline, tmp_path: Path
) -> None:
    with update_in(stack, "infra-stop", tmp_path, since_now=True) as running:
        kill_all(running.process)
        stack.stack.pulumi("cancel", "--yes")
    stack.lab.stop("h1")
    stack.lab.start("h1")
    # A reboot starts stopped services, but monit does not notice the boot of a lab host, which shares its kernel.
    stack.root("monit start all")
    assert wait_until(lambda: stack.services("h1").get("configuration_server") == "OK", BOOT_SECONDS)
    ran = continue_patch(stack, baseline)
    assert {"infra-stop", "infra-product", *STARTS} <= ran


def test_a_patch_is_continued_after_a_power_failure_during_the_installation(
    stack: Cluster, baseline: Baseline, tmp_path: Path
) -> None:
    with update_in(stack, "query2-product", tmp_path, since_now=True) as running:
        tree = stack.lab.root("h3") / "usr/illumon/1.20200121.012"
        assert wait_until(tree.exists, END_SECONDS)
        stack.lab.kill("h3")
        status, output = running.wait(END_SECONDS)
    stack.lab.start("h3")
    print(f"after the power failure, the hosts have {builds(stack)}")  # noqa: T201 - shown if the test fails
    assert status != 0
    assert "query2-product" in output
    assert "Traceback" not in output
    assert wait_until(lambda: monit_answers(stack, "h3"), BOOT_SECONDS)
    ran = continue_patch(stack, baseline)
    assert {"query2-product", *STARTS} <= ran
    assert "infra-stop" not in ran


def test_a_patch_is_continued_after_a_power_failure_during_the_start_of_services(
    stack: Cluster, baseline: Baseline, tmp_path: Path
) -> None:
    with update_in(stack, "infra-start", tmp_path, since_now=True) as running:
        stack.lab.kill("h1")
        status, output = running.wait(END_SECONDS)
    stack.lab.start("h1")
    assert status != 0
    assert "infra-start" in output
    assert "Traceback" not in output
    ran = continue_patch(stack, baseline)
    assert ran & {"infra-stop", "infra-product", "query1-start", "query2-start"} == set()

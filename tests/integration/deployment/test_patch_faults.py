"""A patch that fails on one host: what is said, what is left alone, and the ways on and back.

The tests follow one another on one cluster, whose gates wait a shorter time.
"""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from lab.hosts.process import wait_until
from tests.integration.deployment.patching import (
    DOWNGRADE,
    MANAGED_SECONDS,
    PATCH,
    STEPS,
    Baseline,
    builds,
    assert_intact,
    add_site_data,
    processes,
    ran_since,
)
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
LAB = "pfaults"
STACK = "production"
DEADLINE = 40  # seconds of each gate
JARS = "/etc/sysconfig/illumon.d/java_lib"
READ_ONLY = "mount --bind /usr/illumon /usr/illumon && mount -o remount,ro,bind /usr/illumon"
CHECKS = {"infra-services-ok", "query1-services-ok", "query2-services-ok", "infra-verify", "infra-manifest"}
STARTS = {"infra-start-config-server", "infra-start-auth-server", "query1-start", "query2-start", "infra-start"}


CHANGE = {"release": {"overrides": {"deadline": DEADLINE}}}  # short gates


@pytest.fixture(scope="module")
def stack(installed: Cluster) -> Cluster:
    """Return the stack, whose file the tests edit."""
    return installed


@pytest.fixture(scope="module")
def before(stack: Cluster) -> Baseline:
    """Furnish the cluster of the former build."""
    return add_site_data(stack)


def edit(stack: Cluster, change: Mapping[str, Any]) -> None:
    """Edit the stack file."""
    write_config(stack, changed({**stack.configuration(), "allow": []}, change))


def update(stack: Cluster, what: str) -> tuple[Update, set[str]]:
    """Run an update; return it and the steps that ran on the hosts."""
    begun = time.time()
    done = stack.up()
    ran = set(ran_since(stack, begun))
    print(f"{what}: {time.time() - begun:.0f} s, {len(done.touched)} resources, on the hosts: {' '.join(sorted(ran))}")  # noqa: T201
    return done, ran


def running(stack: Cluster, *hosts: str) -> set[str]:
    """Return the services that are OK on some hosts."""
    return {name for host in hosts for name, status in stack.services(host).items() if status == "OK"}


class TestAGateThatIsNotReached:
    """The query server of one host cannot read the connector in the new tree."""

    left: Mapping[str, str] = {}

    def test_says_which_service_on_which_host_its_last_lines_and_what_to_do(
        self, stack: Cluster, before: Baseline
    ) -> None:
        assert before
        stack.root(f"chmod 700 {JARS}", host="h2")
        edit(stack, PATCH)
        failed, ran = update(stack, "a gate is not reached")
        assert failed.status != 0
        said = [line.strip() for line in failed.output.splitlines()]
        at = next(n for n, line in enumerate(said) if line.startswith("query1 (h2.lab.internal): step start: "))
        assert f"not OK after {DEADLINE} s: db_query_server " in said[at]
        remedy = "what to do: fix what keeps the first of them from starting (logs: /var/log/deephaven)"
        assert said[at + 1].startswith(remedy)
        assert said[at + 3].startswith("db_query_server last logged in /var/log/deephaven/query_server/")
        assert f"cannot start: no MySQL connector in {JARS}" in said[at + 4]
        assert "Traceback" not in failed.output
        assert STARTS - ran == {"infra-start"}
        assert ran & CHECKS == set()
        TestAGateThatIsNotReached.left = {
            name: pid for name, pid in processes(stack).items() if not name.startswith("h2 db_query_server")
        }
        assert "h1 configuration_server.pid" in self.left
        assert "h3 db_query_server.pid" in self.left
        assert "h1 db_dis.pid" not in self.left

    def test_is_gone_on_from_without_a_stop_or_restart_of_what_is_well(self, stack: Cluster, before: Baseline) -> None:
        stack.root("chmod 755 /etc/sysconfig/deephaven/illumon.d.*/java_lib", host="h2")  # the former tree too
        preview = stack.preview()
        assert set(preview.touched) == {"query1-start", "infra-start", *CHECKS}
        done, ran = update(stack, "the next update")
        assert done.status == 0, done.output
        assert ran == {"query1-start", "infra-start", *CHECKS}
        now = processes(stack)
        assert {name: now[name] for name in self.left} == self.left
        assert_intact(stack, before)


class TestGoingBack:
    """The former build again, by the package manager's own command and in the same order."""

    def test_is_refused_unless_it_is_allowed_by_name(self, stack: Cluster) -> None:
        there = processes(stack)
        edit(stack, {"release": DOWNGRADE["release"]})
        for refused in (stack.preview(), stack.up()):
            assert refused.status != 0
            assert "the cluster runs 1.20200121.012-1, declared is 1.20200121.008-1" in refused.output
            assert "allow: [{refusal: downgrade, reason: WHY}]" in refused.output
            assert refused.touched == {}
        assert processes(stack) == there

    def test_runs_the_steps_of_a_patch(self, stack: Cluster, before: Baseline) -> None:
        edit(stack, DOWNGRADE)
        preview = stack.preview()
        assert set(preview.touched) == STEPS
        done, ran = update(stack, "back")
        assert done.status == 0, done.output
        assert ran == {name for name in STEPS if not name.endswith("-rpm")}
        for host in stack.hosts().values():
            assert "Downgrad" in stack.root("cat /var/log/deephaven-install/product.log", host=host)
        assert_intact(stack, before, build="008")


class TestAnRpmThatFailsOnOneHost:
    """One host cannot write where the product goes."""

    def test_starts_nothing_and_says_how_to_go_on_or_back(self, stack: Cluster) -> None:
        stack.root(READ_ONLY, host="h3")
        edit(stack, PATCH)
        failed, ran = update(stack, "an RPM fails on one host")
        assert failed.status != 0
        assert "query2 (h3.lab.internal): step product: yum exited with status " in failed.output
        assert (
            "what to do: read what the package manager reports, fix it on this host, then run pulumi up" in failed.output
        )
        assert "services stay stopped on all hosts until all have the same build" in failed.output
        assert "to go back: declare 1.20200121.008-1 again with its RPM" in failed.output
        assert ran & (STARTS | CHECKS) == set()
        assert "008" in builds(stack)[2]
        assert running(stack, "h1", "h2", "h3") == set()

    def test_is_left_by_going_back(self, stack: Cluster, before: Baseline) -> None:
        stack.root("umount /usr/illumon", host="h3")
        edit(stack, DOWNGRADE)
        done, _ = update(stack, "back from a mixed cluster")
        assert done.status == 0, done.output
        assert_intact(stack, before, build="008")

    def test_is_left_by_going_on(self, stack: Cluster, before: Baseline) -> None:
        stack.root(READ_ONLY, host="h3")
        edit(stack, PATCH)
        assert stack.up().status != 0
        stack.root("umount /usr/illumon", host="h3")
        there = {host: stack.root("rpm -q --qf '%{INSTALLTIME}' illumon-db", host=host) for host in ("h1", "h2")}
        done, ran = update(stack, "on from a mixed cluster")
        assert done.status == 0, done.output
        assert STARTS | CHECKS | {"query2-stop", "query2-product", "query2-connector"} <= ran
        for host, when in there.items():
            assert stack.root("rpm -q --qf '%{INSTALLTIME}' illumon-db", host=host) == when
        assert_intact(stack, before)


class TestAHostThatIsGoneInTheMiddle:
    """One host goes down for good once its services were stopped and its build is not the new one."""

    def test_nothing_starts_and_the_next_update_waits_for_it(self, stack: Cluster, before: Baseline) -> None:
        edit(stack, DOWNGRADE)
        stack.root(READ_ONLY, host="h3")
        assert stack.up().status != 0
        stack.lab.stop("h3")
        edit(stack, PATCH)
        refused = stack.up()
        stack.lab.start("h3")
        assert refused.status != 0
        assert running(stack, "h1", "h2") == set()
        done, _ = update(stack, "with the host again")
        assert done.status == 0, done.output
        assert wait_until(lambda: services_ok(stack), MANAGED_SECONDS)
        assert_intact(stack, before)

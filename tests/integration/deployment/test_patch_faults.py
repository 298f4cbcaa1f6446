"""A patch that fails on one host: the message, services that are not restarted, and the ways forward and back.

Each test continues from the one before, on one cluster with a shorter deadline of service gates.
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
    add_site_data,
    assert_intact,
    builds,
    processes,
    steps_since,
)
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
LAB = "pfaults"
STACK = "production"
DEADLINE = 40  # seconds of each service gate
JARS = "/etc/sysconfig/illumon.d/java_lib"
READ_ONLY = "mount --bind /usr/illumon /usr/illumon && mount -o remount,ro,bind /usr/illumon"
CHECKS = {"infra-services-ok", "query1-services-ok", "query2-services-ok", "infra-verify", "infra-manifest"}
STARTS = {"infra-start-config-server", "infra-start-auth-server", "query1-start", "query2-start", "infra-start"}
CHANGE = {"release": {"overrides": {"deadline": DEADLINE}}}


@pytest.fixture(scope="module")
def stack(installed: Cluster) -> Cluster:
    """Return the stack, whose file the tests edit."""
    return installed


@pytest.fixture(scope="module")
def baseline(stack: Cluster) -> Baseline:
    """Add a site's data to the cluster of the previous build."""
    return add_site_data(stack)


def edit(stack: Cluster, change: Mapping[str, Any]) -> None:
    """Edit the stack file."""
    write_config(stack, changed({**stack.configuration(), "allow": []}, change))


def update(stack: Cluster, title: str) -> tuple[Update, set[str]]:
    """Run an update; return it and the steps that ran on the hosts."""
    begin = time.time()
    done = stack.up()
    ran = set(steps_since(stack, begin))
    seconds = time.time() - begin
    print(f"{title}: {seconds:.0f} s, {len(done.touched)} resources, on the hosts: {' '.join(sorted(ran))}")  # noqa: T201
    return done, ran


def services_running(stack: Cluster, *hosts: str) -> set[str]:
    """Return the services that are OK on some hosts."""
    return {name for host in hosts for name, status in stack.services(host).items() if status == "OK"}


class TestAFailedGate:
    """The query server of one host cannot read the connector in the new tree."""

    running: Mapping[str, str] = {}

    def test_the_message_names_service_and_host_with_the_last_log_lines_and_a_remedy(
        self, stack: Cluster, baseline: Baseline
    ) -> None:
        assert baseline
        stack.root(f"chmod 700 {JARS}", host="h2")
        edit(stack, PATCH)
        failed, ran = update(stack, "a gate fails")
        assert failed.status != 0
        lines = [line.strip() for line in failed.output.splitlines()]
        at = next(n for n, line in enumerate(lines) if line.startswith("query1 (h2.lab.internal): step start: "))
        assert f"not OK after {DEADLINE} s: db_query_server " in lines[at]
        remedy = "what to do: fix what keeps the first of them from starting (logs: /var/log/deephaven)"
        assert lines[at + 1].startswith(remedy)
        assert lines[at + 3].startswith("db_query_server last logged in /var/log/deephaven/query_server/")
        assert f"cannot start: no MySQL connector in {JARS}" in lines[at + 4]
        assert "Traceback" not in failed.output
        assert STARTS - ran == {"infra-start"}
        assert ran & CHECKS == set()
        TestAFailedGate.running = {
            name: pid for name, pid in processes(stack).items() if not name.startswith("h2 db_query_server")
        }
        assert "h1 configuration_server.pid" in self.running
        assert "h3 db_query_server.pid" in self.running
        assert "h1 db_dis.pid" not in self.running

    def test_the_next_update_continues_without_a_restart_of_running_services(
        self, stack: Cluster, baseline: Baseline
    ) -> None:
        stack.root("chmod 755 /etc/sysconfig/deephaven/illumon.d.*/java_lib", host="h2")  # the previous tree too
        preview = stack.preview()
        assert set(preview.touched) == {"query1-start", "infra-start", *CHECKS}
        done, ran = update(stack, "the next update")
        assert done.status == 0, done.output
        assert ran == {"query1-start", "infra-start", *CHECKS}
        after = processes(stack)
        assert {name: after[name] for name in self.running} == self.running
        assert_intact(stack, baseline)


class TestADowngrade:
    """The previous build is installed again by the package manager, in the order of a patch."""

    def test_a_downgrade_is_refused_unless_the_stack_allows_it(self, stack: Cluster) -> None:
        before = processes(stack)
        edit(stack, {"release": DOWNGRADE["release"]})
        for refused in (stack.preview(), stack.up()):
            assert refused.status != 0
            assert "the cluster runs 1.20200121.012-1, declared is 1.20200121.008-1" in refused.output
            assert "allow: [{refusal: downgrade, reason: WHY}]" in refused.output
            assert refused.touched == {}
        assert processes(stack) == before

    def test_a_downgrade_runs_the_steps_of_a_patch(self, stack: Cluster, baseline: Baseline) -> None:
        edit(stack, DOWNGRADE)
        preview = stack.preview()
        assert set(preview.touched) == STEPS
        done, ran = update(stack, "downgrade")
        assert done.status == 0, done.output
        assert ran == {name for name in STEPS if not name.endswith("-rpm")}
        for host in stack.hosts().values():
            assert "Downgrad" in stack.root("cat /var/log/deephaven-install/product.log", host=host)
        assert_intact(stack, baseline, build="008")


class TestAnRpmThatFailsOnOneHost:
    """The product's directory on one host is read-only."""

    def test_no_service_starts_and_the_message_names_the_ways_forward_and_back(self, stack: Cluster) -> None:
        stack.root(READ_ONLY, host="h3")
        edit(stack, PATCH)
        failed, ran = update(stack, "an RPM fails on one host")
        assert failed.status != 0
        assert "query2 (h3.lab.internal): step product: yum exited with status " in failed.output
        remedy = "what to do: read what the package manager reports, fix it on this host, then run pulumi up"
        assert remedy in failed.output
        assert "services stay stopped on all hosts until all have the same build" in failed.output
        assert "to go back: declare 1.20200121.008-1 again with its RPM" in failed.output
        assert ran & (STARTS | CHECKS) == set()
        assert "008" in builds(stack)[2]
        assert services_running(stack, "h1", "h2", "h3") == set()

    def test_a_cluster_with_mixed_builds_can_be_downgraded(self, stack: Cluster, baseline: Baseline) -> None:
        stack.root("umount /usr/illumon", host="h3")
        edit(stack, DOWNGRADE)
        done, _ = update(stack, "downgrade of a mixed cluster")
        assert done.status == 0, done.output
        assert_intact(stack, baseline, build="008")

    def test_a_cluster_with_mixed_builds_can_be_patched(self, stack: Cluster, baseline: Baseline) -> None:
        stack.root(READ_ONLY, host="h3")
        edit(stack, PATCH)
        assert stack.up().status != 0
        stack.root("umount /usr/illumon", host="h3")
        before = {host: stack.root("rpm -q --qf '%{INSTALLTIME}' illumon-db", host=host) for host in ("h1", "h2")}
        done, ran = update(stack, "patch of a mixed cluster")
        assert done.status == 0, done.output
        assert STARTS | CHECKS | {"query2-stop", "query2-product", "query2-connector"} <= ran
        for host, install_time in before.items():
            assert stack.root("rpm -q --qf '%{INSTALLTIME}' illumon-db", host=host) == install_time
        assert_intact(stack, baseline)


class TestAHostThatFailsDuringAPatch:
    """One host goes down after its services were stopped and before it has the new build."""

    def test_no_service_starts_until_the_host_is_reachable(self, stack: Cluster, baseline: Baseline) -> None:
        edit(stack, DOWNGRADE)
        stack.root(READ_ONLY, host="h3")
        assert stack.up().status != 0
        stack.lab.stop("h3")
        edit(stack, PATCH)
        refused = stack.up()
        stack.lab.start("h3")
        assert refused.status != 0
        assert services_running(stack, "h1", "h2") == set()
        done, _ = update(stack, "update after the host is up")
        assert done.status == 0, done.output
        assert wait_until(lambda: services_ok(stack), MANAGED_SECONDS)
        assert_intact(stack, baseline)

"""Permanently lost hosts are removed from the state without a connection, in whatever order the operator edits."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.cluster import Cluster, short
from tests.support.stack_file import write_config
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
STACK = "production"
# The only etcd member and a query server are on one host, so that the other hosts keep no state and can be removed.
CHANGE = {
    "environment": "test",
    "etcd": ["infra"],
    "hosts": {"infra": {"roles": ["infra", "dis", "batch", "query"]}},
}
DESTROY = ("destroy", "--yes", "--skip-preview", "--continue-on-error")


@contextmanager
def unreachable(cluster: Cluster, *hosts: str) -> Iterator[None]:
    """Make these hosts unreachable."""
    for host in hosts:
        cluster.lab.partition(host)
    try:
        yield
    finally:
        for host in hosts:
            cluster.lab.heal(host)


def edit(cluster: Cluster, change: dict[str, object]) -> None:
    write_config(cluster, changed(cluster.configuration(), change))


def host_resources(cluster: Cluster) -> set[str]:
    names = {short(resource["urn"]) for resource in cluster.state()["deployment"].get("resources", [])}
    return {name for name in names if name.endswith("-host")}


def test_a_host_that_was_removed_can_still_be_declared_lost(installed: Cluster) -> None:
    with unreachable(installed, "h3"):
        edit(installed, {"hosts": {"query2": None}})
        failed = installed.up()
        assert failed.status != 0
        assert "query2-host" in failed.output
        assert {"infra-endpoints", "infra-restart", "infra-reload"} <= set(failed.touched)
        edit(installed, {"hosts": {"query2": {"fqdn": "h3.lab.internal", "roles": ["query"], "lost": True}}})
        assert (preview := installed.preview()).status == 0, preview.output
        lost = installed.deploy()
        assert not {step for step in lost.touched if step.startswith("infra-")} - {"infra-manifest"}
        assert installed.has_no_changes()
        edit(installed, {"hosts": {"query2": None}})
        installed.deploy()
        assert installed.has_no_changes()
    assert host_resources(installed) == {"infra-host", "query1-host"}


def test_the_other_hosts_no_longer_use_a_host_that_is_declared_lost(installed: Cluster) -> None:
    with unreachable(installed, "h2"):
        edit(installed, {"hosts": {"query1": {"lost": True}}})
        lost = installed.deploy()
        expected = {"endpoints", "import-changes", "auth-package", "restart", "reload", "manifest"}
        touched = {step.removeprefix("infra-") for step in lost.touched if step.startswith("infra-")}
        assert touched == expected
        assert installed.has_no_changes()
        assert set(installed.services("h1").values()) == {"OK"}


def test_destroy_reports_an_unreachable_host_and_deletes_it_after_it_is_declared_lost(installed: Cluster) -> None:
    with unreachable(installed, "h1", "h2"):
        first = installed.update(*DESTROY)
        assert first.status != 0
        assert "infra-host" in first.output
        assert "query1-host" not in first.output.partition("Diagnostics:")[2]
        edit(installed, {"hosts": {"infra": {"lost": True}}})
        refused = installed.up()
        assert refused.status != 0
        assert "query1 (h2.lab.internal): is declared lost and missing from the stack's state" in refused.output
        edit(installed, {"hosts": {"query1": None}})
        installed.deploy()
        assert installed.has_no_changes()
        destroyed = installed.update(*DESTROY)
        assert destroyed.status == 0, destroyed.output
    assert host_resources(installed) == set()

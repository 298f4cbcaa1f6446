"""Hosts that are gone for good: forgotten without a connection, in whatever order an operator says it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.cluster import Cluster, short
from tests.support.stack_file import write_config
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
STACK = "production"
# One etcd member and a query server on the same host, so that the others hold nothing and may go.
CHANGE = {
    "environment": "test",
    "etcd": ["infra"],
    "hosts": {"infra": {"roles": ["infra", "dis", "batch", "query"]}},
}
DESTROY = ("destroy", "--yes", "--skip-preview", "--continue-on-error")


@contextmanager
def dead(cluster: Cluster, *hosts: str) -> Iterator[None]:
    """Let no host of these answer."""
    for host in hosts:
        cluster.lab.partition(host)
    try:
        yield
    finally:
        for host in hosts:
            cluster.lab.heal(host)


def edit(cluster: Cluster, change: dict[str, object]) -> None:
    write_config(cluster, changed(cluster.configuration(), change))


def anchors(cluster: Cluster) -> set[str]:
    names = {short(one["urn"]) for one in cluster.state()["deployment"].get("resources", [])}
    return {name for name in names if name.endswith("-host")}


def test_a_host_that_was_taken_out_before_it_was_declared_lost(installed: Cluster) -> None:
    with dead(installed, "h3"):
        edit(installed, {"hosts": {"query2": None}})
        careless = installed.up()
        assert careless.status != 0
        assert "query2-host" in careless.output
        assert {"infra-endpoints", "infra-restart", "infra-reload"} <= set(careless.touched)
        edit(installed, {"hosts": {"query2": {"fqdn": "h3.lab.internal", "roles": ["query"], "lost": True}}})
        assert (preview := installed.preview()).status == 0, preview.output
        lost = installed.deploy()
        assert not {step for step in lost.touched if step.startswith("infra-")} - {"infra-manifest"}
        assert installed.has_no_changes()
        edit(installed, {"hosts": {"query2": None}})
        installed.deploy()
        assert installed.has_no_changes()
    assert anchors(installed) == {"infra-host", "query1-host"}


def test_a_host_that_is_declared_lost_and_then_taken_out(installed: Cluster) -> None:
    with dead(installed, "h2"):
        edit(installed, {"hosts": {"query1": {"lost": True}}})
        lost = installed.deploy()
        learned = {"infra-endpoints", "infra-import-changes", "infra-restart", "infra-reload", "infra-manifest"}
        assert {step for step in lost.touched if step.startswith("infra-")} == learned
        assert installed.has_no_changes()
        assert set(installed.services("h1").values()) == {"OK"}


def test_destroy_says_which_host_it_could_not_stop_and_forgets_it_once_it_is_lost(installed: Cluster) -> None:
    with dead(installed, "h1", "h2"):
        first = installed.update(*DESTROY)
        assert first.status != 0
        assert "infra-host" in first.output
        assert "query1-host" not in first.output.partition("Diagnostics:")[2]
        edit(installed, {"hosts": {"infra": {"lost": True}}})
        forgotten = installed.up()
        assert forgotten.status != 0
        assert "query1 (h2.lab.internal): is declared lost and missing from the stack's state" in forgotten.output
        edit(installed, {"hosts": {"query1": None}})
        installed.deploy()
        assert installed.has_no_changes()
        destroyed = installed.update(*DESTROY)
        assert destroyed.status == 0, destroyed.output
    assert anchors(installed) == set()

"""Reinstalled hosts: a query host is installed again in each update, the host of the cluster's keys is refused."""

from pathlib import Path

import pytest

from tests.support.cluster import Cluster, short
from tests.support.stack_file import edited_copy
from tests.unit.conftest import make_spec

pytestmark = pytest.mark.lab
STACK = "production"
# The only etcd member is on another host, so that query hosts keep no state of the cluster.
CHANGE = {"environment": "test", "etcd": ["infra"]}


def steps_of(cluster: Cluster, key: str) -> set[str]:
    """Return the names of all command resources of a host."""
    resources = cluster.state()["deployment"]["resources"]
    names = {short(resource["urn"]) for resource in resources if resource["type"].startswith("command:")}
    return {name for name in names if name.startswith(f"{key}-")}


def test_a_reinstalled_query_host_is_installed_again_with_and_without_a_preview(installed: Cluster) -> None:
    spec = make_spec(installed.configuration())
    for with_preview in (True, False):
        installed.lab.recreate("h3")
        for run in ([installed.successful_preview] if with_preview else []) + [installed.deploy]:
            update = run()
            assert set(update.touched) == steps_of(installed, "query2")
            reasons = [update.reason(step) for step in update.touched if "-rpm" not in step]
            assert [reason for reason in reasons if not reason.startswith("no receipt on machine ")] == []
        services = installed.services("h3")
        assert {services.get(name) for name in spec.services_of(spec.cluster.nodes["query2"])} == {"OK"}
    assert installed.has_no_changes()


def test_an_added_query_host_is_not_reported_as_reinstalled(installed: Cluster, tmp_path: Path) -> None:
    installed.lab.up(4)
    added = {"hosts": {"query3": {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["query"]}}}
    copy = edited_copy(installed, tmp_path, added)
    preview = copy.successful_preview()
    own = {step: text for step, text in preview.touched.items() if step.startswith("query3-")}
    assert len(own) == len(steps_of(installed, "query2"))
    assert [text for text in own.values() if "#" in text] == []


def test_the_reinstalled_host_of_the_keys_is_refused_before_any_change(installed: Cluster) -> None:
    before = installed.state()["deployment"]["resources"]
    installed.lab.recreate("h1")
    for done in (installed.preview(), installed.up()):
        assert done.status != 0
        assert "infra (h1.lab.internal): the cluster's keys are missing, but query1, query2 use a copy" in done.output
        assert done.touched == {}
    assert installed.state()["deployment"]["resources"] == before
    assert not (installed.lab.upper("h1") / "var/lib/deephaven-install").exists()

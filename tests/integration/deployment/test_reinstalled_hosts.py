"""A host that lost everything: a query host is installed again as often as needed, one with an identity is refused."""

from pathlib import Path

import pytest

from tests.support.cluster import Cluster, short
from tests.support.stack_file import edited_copy
from tests.unit.conftest import make_spec

pytestmark = pytest.mark.lab
STACK = "production"
# etcd on one host alone, so that query hosts hold nothing that makes the cluster this cluster
CHANGE = {"environment": "test", "etcd": ["infra"]}


def steps_of(cluster: Cluster, key: str) -> set[str]:
    """Return the names of all resources that do something on a host."""
    resources = cluster.state()["deployment"]["resources"]
    names = {short(one["urn"]) for one in resources if one["type"].startswith("command:")}
    return {name for name in names if name.startswith(f"{key}-")}


def test_a_rebuilt_query_host_is_installed_again_and_again(installed: Cluster) -> None:
    spec = make_spec(installed.configuration())
    for with_preview in (True, False):
        installed.lab.renew("h3")
        for run in ([installed.successful_preview] if with_preview else []) + [installed.deploy]:
            found = run()
            assert set(found.touched) == steps_of(installed, "query2")
            reasons = [found.reason(step) for step in found.touched if "-rpm" not in step]
            assert [reason for reason in reasons if not reason.startswith("no receipt on machine ")] == []
        running = installed.services("h3")
        assert {running.get(name) for name in spec.services_of(spec.cluster.nodes["query2"])} == {"OK"}
    assert installed.has_no_changes()


def test_an_added_query_host_is_new_and_not_rebuilt(installed: Cluster, tmp_path: Path) -> None:
    installed.lab.up(4)
    added = {"hosts": {"query3": {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["query"]}}}
    twin = edited_copy(installed, tmp_path, added)
    preview = twin.successful_preview()
    own = {step: text for step, text in preview.touched.items() if step.startswith("query3-")}
    assert len(own) == len(steps_of(installed, "query2"))
    assert [text for text in own.values() if "#" in text] == []


def test_the_host_of_the_keys_is_refused_before_anything_happens(installed: Cluster) -> None:
    before = installed.state()["deployment"]["resources"]
    installed.lab.renew("h1")
    for done in (installed.preview(), installed.up()):
        assert done.status != 0
        assert "infra (h1.lab.internal): the cluster's keys are missing, but query1, query2 use a copy" in done.output
        assert done.touched == {}
    assert installed.state()["deployment"]["resources"] == before
    assert not (installed.lab.upper("h1") / "var/lib/deephaven-install").exists()

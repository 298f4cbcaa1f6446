"""The queries to a host follow from the cluster and its release profile."""

from typing import Any

import pytest

from components.errors import ProfileError
from components.facts.queries import peers, ports, queries, render
from components.release.spec import DeploymentSpec
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec


@pytest.fixture
def three(raw: dict[str, Any]) -> DeploymentSpec:
    """Return the deployment spec of three hosts, two of them query servers."""
    hosts = {
        f"query{n}": {"fqdn": f"h{n + 1}.lab.internal", "ip": f"10.77.0.1{n + 1}", "roles": ["query"]} for n in (1, 2)
    }
    return make_spec(changed(raw, {"hosts": hosts, "etcd": ["infra", "query1"]}))


def test_the_queries_contain_all_names_and_addresses(three: DeploymentSpec) -> None:
    variables = queries(three, three.cluster.nodes["query2"])
    assert variables["names"] == ("h1.lab.internal", "h2.lab.internal", "h3.lab.internal")
    assert variables["addresses"] == ("10.77.0.11", "10.77.0.12", "10.77.0.13")
    assert variables["accounts"] == ("irisadmin", "dbquery", "dbmerge")
    assert "/db/Systems" in variables["paths"]
    assert variables["upload"] == "/var/lib/deephaven-upload"
    assert "/var/lib" in variables["paths"]  # for the uploaded RPM


def test_ports_are_probed_from_the_hosts_that_use_them(three: DeploymentSpec) -> None:
    nodes = three.cluster.nodes
    targets = {key: [(peer.key, port) for peer, port in peers(three, node)] for key, node in nodes.items()}
    assert targets == {
        "infra": [("query1", 2379), ("query1", 2380)],
        "query1": [("infra", 2379), ("infra", 2380)],
        "query2": [],
    }
    assert queries(three, nodes["query1"])["peers"] == ("10.77.0.11/2379", "10.77.0.11/2380")


def test_a_host_listens_on_the_ports_of_its_roles(three: DeploymentSpec) -> None:
    nodes = three.cluster.nodes
    assert ports(three, nodes["infra"]) == (2379, 2380, 3306, 8123, 2812)
    assert ports(three, nodes["query2"]) == (2812,)


def test_the_sent_text_has_the_variables_before_the_scripts(three: DeploymentSpec) -> None:
    text = render(three, three.cluster.nodes["query2"])
    assert text.startswith("package=illumon-db\n")
    assert "peers=()\n" in text
    assert text.endswith("read_facts </dev/null\n")


def test_a_port_of_an_unknown_group_is_refused(raw: dict[str, Any]) -> None:
    listener = {"port": 1, "hosts": "quarry", "reached_from": []}
    spec = make_spec({**raw, "release": {**raw["release"], "overrides": {"ports": [listener]}}})
    with pytest.raises(ProfileError, match="unknown group 'quarry'; use one of every, acl_database"):
        ports(spec, spec.cluster.primary)

"""Access to a cluster's etcd through the product's client: its members, and a value that must survive each test."""

import json
import shlex

from components.release.spec import DeploymentSpec
from tests.support.cluster import Cluster
from tests.unit.conftest import make_spec

_KEY = "/site/value"


def put(cluster: Cluster, value: str) -> None:
    """Write the value through the client of h1."""
    _client(cluster, f"put {_KEY} {shlex.quote(value)}")


def get(cluster: Cluster, host: str = "h1") -> str:
    """Read the value through the client of a host."""
    return _client(cluster, f"get {_KEY} --print-value-only", host).strip()


def members(cluster: Cluster) -> dict[str, str]:
    """Return the status of each member, by its name."""
    rows = [line.split(", ") for line in _client(cluster, "member list").splitlines()]
    return {row[2]: row[1] for row in rows}


def check(cluster: Cluster, spec: DeploymentSpec, value: str) -> None:
    """Assert that all members are present and healthy, have one leader, and read the value."""
    status = json.loads(cluster.root(shlex.join(spec.command("etcd_status"))))
    assert len({member["Status"]["header"]["member_id"] for member in status}) == len(spec.cluster.members)
    assert len({member["Status"]["leader"] for member in status}) == 1
    health = json.loads(_client(cluster, "endpoint health -w json"))
    assert [member["health"] for member in health] == [True] * len(spec.cluster.members)
    for member in spec.cluster.members:
        assert get(cluster, cluster.hosts()[member.node.key]) == value


def _client(cluster: Cluster, arguments: str, host: str = "h1") -> str:
    words = make_spec(cluster.configuration()).command("etcd_status")
    return cluster.root(f"{shlex.join(words[: words.index('endpoint')])} {arguments}", host=host)

"""etcd of a cluster, asked by the product's own client: its members, and a value that must outlive what tests do."""

import json
import shlex

from components.release.spec import DeploymentSpec
from tests.support.cluster import Cluster
from tests.unit.conftest import make_spec

_KEY = "/site/value"


def put(cluster: Cluster, value: str) -> None:
    """Write the value."""
    _client(cluster, f"put {_KEY} {shlex.quote(value)}")


def get(cluster: Cluster, host: str = "h1") -> str:
    """Read the value, through the client of a host."""
    return _client(cluster, f"get {_KEY} --print-value-only", host).strip()


def members(cluster: Cluster) -> dict[str, str]:
    """Return whether each member is started, by its name."""
    rows = [line.split(", ") for line in _client(cluster, "member list").splitlines()]
    return {row[2]: row[1] for row in rows}


def check(cluster: Cluster, spec: DeploymentSpec, value: str) -> None:
    """Hold that all members are there, healthy and under one leader, and that each reads the value."""
    status = json.loads(cluster.root(shlex.join(spec.command("etcd_status"))))
    assert len({member["Status"]["header"]["member_id"] for member in status}) == len(spec.cluster.members)
    assert len({member["Status"]["leader"] for member in status}) == 1
    health = json.loads(_client(cluster, "endpoint health -w json"))
    assert [one["health"] for one in health] == [True] * len(spec.cluster.members)
    for member in spec.cluster.members:
        assert get(cluster, cluster.hosts()[member.node.key]) == value


def _client(cluster: Cluster, arguments: str, host: str = "h1") -> str:
    words = make_spec(cluster.configuration()).command("etcd_status")
    return cluster.root(f"{shlex.join(words[: words.index('endpoint')])} {arguments}", host=host)

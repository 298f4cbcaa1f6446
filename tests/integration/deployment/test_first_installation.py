"""What a first installation refuses: nothing is registered, and hosts stay as bare as they were."""

import pytest

from tests.support.cluster import Cluster, Update

pytestmark = pytest.mark.lab
STACK = "production"


def untouched(cluster: Cluster, done: Update) -> bool:
    """Say whether a run was refused before anything was registered, and no host keeps anything of it."""
    state = [cluster.lab.upper(host) / "var/lib/deephaven-install" for host in cluster.hosts().values()]
    return done.status != 0 and done.touched == {} and not [directory for directory in state if directory.exists()]


def test_an_etcd_that_serves_something_else_is_refused(cluster: Cluster) -> None:
    cluster.root("mkdir -p /var/lib/etcd/theirs/member", host="h2")
    for done in (cluster.preview(), cluster.up()):
        assert untouched(cluster, done)
        assert "query1 (h2.lab.internal): an etcd that this program did not create keeps data there" in done.output
    cluster.root("rm -r /var/lib/etcd/theirs", host="h2")


def test_nothing_is_made_for_the_clusters_life_while_a_host_cannot_be_read(cluster: Cluster) -> None:
    cluster.lab.partition("h3")
    try:
        assert cluster.preview().status == 0
        done = cluster.up()
    finally:
        cluster.lab.heal("h3")
    assert untouched(cluster, done)
    assert "query2 (h3.lab.internal): cannot be read, so the cluster's keys may already exist there" in done.output

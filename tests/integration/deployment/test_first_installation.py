"""A first installation that is refused registers nothing and changes no host."""

import pytest

from tests.support.cluster import Cluster, Update

pytestmark = pytest.mark.lab
STACK = "production"


def untouched(cluster: Cluster, done: Update) -> bool:
    """Return whether a run failed before it registered anything, and no host has files of it."""
    directories = [cluster.lab.upper(host) / "var/lib/deephaven-install" for host in cluster.hosts().values()]
    return done.status != 0 and done.touched == {} and not any(directory.exists() for directory in directories)


def test_data_of_another_etcd_is_refused(cluster: Cluster) -> None:
    cluster.root("mkdir -p /var/lib/etcd/other/member", host="h2")
    for done in (cluster.preview(), cluster.up()):
        assert untouched(cluster, done)
        assert "query1 (h2.lab.internal): an etcd that this program did not create keeps data there" in done.output
    cluster.root("rm -r /var/lib/etcd/other", host="h2")


def test_the_clusters_keys_are_not_generated_while_a_host_is_unreachable(cluster: Cluster) -> None:
    cluster.lab.partition("h3")
    try:
        assert cluster.preview().status == 0
        done = cluster.up()
    finally:
        cluster.lab.heal("h3")
    assert untouched(cluster, done)
    assert "query2 (h3.lab.internal): cannot be read, so the cluster's keys may already exist there" in done.output

"""Refusals of what would harm a cluster that is there: each says no, and says nothing of what is fine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.changes import record
from components.changes import refusals as judged
from components.host.facts.model import Facts, HostFacts, Receipt, Unknown
from components.release.site import Site
from tests.unit.conftest import site_of
from tests.unit.host.facts.records import facts as recorded

EMPTY = replace(recorded("query"), receipts={}, product="", etcd_data=(), record=None)
DONE = Receipt(written={}, now={})
KNOWN = {"hosts": {"infra": {}, "query1": {}, "query2": {}}, "etcd": ["infra", "query1"], "config_servers": ["infra"]}


@pytest.fixture(scope="module")
def site() -> Site:
    """Return the site of the three-host stack."""
    return site_of("production")


def refusals(
    site: Site, facts: Mapping[str, HostFacts], known: Mapping[str, Any] | None, *, preview: bool = False
) -> list[str]:
    return judged(site, facts, known, preview=preview)


def host(*steps: str, etcd_data: tuple[str, ...] = ()) -> Facts:
    return replace(EMPTY, receipts=dict.fromkeys(steps, DONE), etcd_data=etcd_data)


def cluster(**other: HostFacts) -> Mapping[str, HostFacts]:
    whole = {
        "infra": host("etcd-config", "etcd-enable", "keygen"),
        "query1": host("etcd-config", "etcd-enable", "auth"),
        "query2": host("auth"),
    }
    return {**whole, **other}


def test_an_installed_cluster_and_a_bare_one_are_fine(site: Site) -> None:
    assert refusals(site, cluster(), KNOWN) == []
    assert refusals(site, dict.fromkeys(site.cluster.nodes, EMPTY), None) == []


def test_an_older_build_is_refused_and_the_same_or_a_newer_one_is_not(site: Site) -> None:
    (line,) = refusals(site, cluster(), {**KNOWN, "release": "1.20200121.012-1"})
    assert line.startswith("deephaven:cluster.release.build: the cluster runs 1.20200121.012-1, declared is ")
    for there in (site.product_release, "1.20200121.005-1"):
        assert refusals(site, cluster(), {**KNOWN, "release": there}) == []


def test_a_rebuilt_etcd_member_is_refused_with_the_recipe(site: Site) -> None:
    (line,) = refusals(site, cluster(query1=EMPTY), KNOWN)
    assert line.startswith("query1 (h2.lab.internal): was installed and is empty now (machine ")
    assert "member remove" in line


def test_a_rebuilt_host_with_keys_and_database_is_refused_for_each(site: Site) -> None:
    lines = refusals(site, cluster(infra=EMPTY), KNOWN)
    assert [line for line in lines if "original of the cluster's keys" in line]
    assert [line for line in lines if "ACL database" in line]


def test_a_rebuilt_query_host_is_not(site: Site) -> None:
    assert refusals(site, cluster(query2=EMPTY), KNOWN) == []


def test_a_host_with_foreign_etcd_data_is_refused(site: Site) -> None:
    facts = dict.fromkeys(site.cluster.nodes, EMPTY) | {"query1": replace(EMPTY, etcd_data=("/var/lib/etcd/x/member",))}
    (line,) = refusals(site, facts, None)
    assert line.startswith(
        "query1 (h2.lab.internal): an etcd that this program did not make keeps data there (/var/lib"
    )
    assert (
        refusals(site, cluster(infra=replace(host("etcd-config", "keygen"), etcd_data=("/data/member",))), KNOWN) == []
    )


@pytest.mark.parametrize(
    ("infra", "says"),
    [
        (host("keygen"), "has not etcd's configuration and keys that query1 got from it"),
        (host("etcd-config"), "has not the cluster's keys that query1, query2 got from it"),
    ],
)
def test_what_others_hold_and_its_maker_lost_is_never_made_anew(site: Site, infra: Facts, says: str) -> None:
    (line,) = refusals(site, cluster(infra=infra), None)
    assert says in line


def test_a_maker_that_cannot_be_read_is_not_judged(site: Site) -> None:
    assert refusals(site, cluster(infra=Unknown("no answer", "look")), KNOWN) == []


def test_nothing_is_made_for_the_clusters_life_while_a_host_cannot_be_read(site: Site) -> None:
    silent = Unknown("no answer", "look")
    facts: dict[str, HostFacts] = {**dict.fromkeys(site.cluster.nodes, EMPTY), "query2": silent}
    begins = "query2 (h3.lab.internal): cannot be read, so it is not known whether"
    assert [line.partition(" are there already")[0] for line in refusals(site, facts, None)] == [
        f"{begins} etcd's configuration and keys",
        f"{begins} the cluster's keys",
    ]
    assert refusals(site, facts, None, preview=True) == []
    assert refusals(site, cluster(query2=silent), KNOWN) == []


def test_the_newest_record_counts() -> None:
    held: dict[str, HostFacts] = {
        "a": replace(EMPTY, record={"written": "2026-01-01", "cluster": {"release": "old"}}),
        "b": replace(EMPTY, record={"written": "2026-02-01", "cluster": {"release": "new"}}),
        "c": EMPTY,
        "d": Unknown("no answer", "look"),
    }
    assert record(held) == {"release": "new"}
    assert record({"c": EMPTY}) is None

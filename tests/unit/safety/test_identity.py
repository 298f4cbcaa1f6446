"""What makes the cluster this cluster is never made over silently; what is fine is not refused."""

from dataclasses import replace

import pytest

from components.facts.model import Facts, HostFacts, Receipt, Unknown
from components.release.spec import Site
from components.topology.manifest import Record
from tests.unit.safety.shared import EMPTY, cluster, declared, found, host

SILENT = Unknown("no answer", "look")


def test_an_installed_cluster_and_a_bare_one_are_fine(site: Site, known: Record) -> None:
    assert found(site, cluster(), known) == []
    assert found(site, dict.fromkeys(site.cluster.nodes, EMPTY), None) == []


def test_a_rebuilt_etcd_member_is_refused_until_it_is_declared(site: Site, known: Record) -> None:
    facts = cluster(query1=EMPTY)
    (refused,) = found(site, facts, known)
    assert refused.name == "rebuilt"
    assert refused.line.startswith("query1 (h2.lab.internal): was installed and is empty now (machine ")
    assert "replace: true" in refused.line
    assert found(declared({"hosts": {"query1": {"replace": True}}}), facts, known) == []


def test_a_rebuilt_host_of_the_keys_stays_refused(site: Site, known: Record) -> None:
    facts = cluster(infra=EMPTY)
    lines = "\n".join(refused.line for refused in found(site, facts, known) if refused.name == "rebuilt")
    assert all(what in lines for what in ("config_generator ran", "original of the cluster's keys", "ACL database"))
    agreed = [refused.line for refused in found(declared({"hosts": {"infra": {"replace": True}}}), facts, known)]
    assert any("config_generator ran" in line for line in agreed)
    assert any("original of the cluster's keys" in line for line in agreed)
    assert not any("ACL database" in line for line in agreed)


def test_a_rebuilt_query_host_is_installed_again(known: Record) -> None:
    alone = declared({"environment": "test", "etcd": ["infra"]})
    there = known.model_copy(update={"etcd": ("infra",)})
    assert found(alone, cluster(query2=EMPTY), there) == []


def installed(label: str, machine: str) -> Facts:
    receipt = Receipt(host=label, machine=machine)
    return replace(EMPTY, receipts={"packages": receipt, "auth": receipt, "etcd-config": receipt})


def test_a_machine_that_was_installed_as_another_host_is_refused(known: Record) -> None:
    here = EMPTY.system.machine_id
    other, own = installed("query1 (h2.lab.internal)", here), installed("query2 (h3.lab.internal)", here)
    site = declared({"hosts": {"query2": {"replace": True}}})
    (refused,) = found(site, cluster(query2=other), known)
    assert refused.name == "machine"
    assert refused.line.startswith(
        "query2 (h3.lab.internal): the machine that answers was installed as query1 (h2.lab.internal); see that"
    )
    assert found(site, cluster(query2=own), known) == []


def test_an_installation_on_another_machine_is_refused_until_it_is_declared(site: Site, known: Record) -> None:
    facts = cluster(query2=installed("query2 (h3.lab.internal)", "f" * 32))
    (refused,) = found(site, facts, known)
    assert refused.name == "machine"
    assert f"installed on machine ffffffff is on machine {EMPTY.system.machine_id[:8]} now" in refused.line
    assert found(declared({"hosts": {"query2": {"replace": True}}}), facts, known) == []


def test_a_host_with_foreign_etcd_data_is_refused(site: Site, known: Record) -> None:
    facts = dict.fromkeys(site.cluster.nodes, EMPTY) | {"query1": replace(EMPTY, etcd_data=("/var/lib/etcd/x/member",))}
    (refused,) = found(site, facts, None)
    assert refused.name == "foreign-etcd"
    assert refused.line.startswith(
        "query1 (h2.lab.internal): an etcd that this program did not make keeps data there (/var/lib"
    )
    own = replace(host("etcd-config", "keygen"), etcd_data=("/data/member",))
    assert found(site, cluster(infra=own), known) == []


@pytest.mark.parametrize(
    ("infra", "says"),
    [
        (host("keygen"), "has not etcd's configuration and keys that query1, query2 got from it"),
        (host("etcd-config"), "has not the cluster's keys that query1, query2 got from it"),
    ],
)
def test_what_others_hold_and_its_maker_lost_is_never_made_anew(site: Site, infra: Facts, says: str) -> None:
    (refused,) = found(site, cluster(infra=infra), None)
    assert refused.name == "twice"
    assert says in refused.line


def test_a_maker_that_cannot_be_read_is_not_judged(site: Site, known: Record) -> None:
    assert found(site, cluster(infra=SILENT), known) == []


def test_nothing_is_made_for_the_clusters_life_while_a_host_cannot_be_read(site: Site, known: Record) -> None:
    facts: dict[str, HostFacts] = {**dict.fromkeys(site.cluster.nodes, EMPTY), "query2": SILENT}
    begins = "query2 (h3.lab.internal): cannot be read, so it is not known whether"
    assert [(one.name, one.line.partition(" are there already")[0]) for one in found(site, facts, None)] == [
        ("unread", f"{begins} etcd's configuration and keys"),
        ("unread", f"{begins} the cluster's keys"),
    ]
    assert found(site, facts, None, preview=True) == []
    assert found(site, cluster(query2=SILENT), known) == []

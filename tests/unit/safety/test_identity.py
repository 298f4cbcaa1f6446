"""What makes the cluster this cluster is never made over silently; what is fine is not refused."""

from dataclasses import replace

import pytest

from components.facts.model import Facts, HostFacts, Receipt, Unreachable
from components.release.spec import DeploymentSpec
from components.topology.manifest import Manifest
from tests.unit.safety.shared import EMPTY, cluster, declared, found, host

SILENT = Unreachable("no answer", "look")


def test_an_installed_cluster_and_a_bare_one_are_fine(spec: DeploymentSpec, known: Manifest) -> None:
    assert found(spec, cluster(), known) == []
    assert found(spec, dict.fromkeys(spec.cluster.nodes, EMPTY), None) == []


def test_a_rebuilt_etcd_member_is_refused_until_it_is_declared(spec: DeploymentSpec, known: Manifest) -> None:
    facts = cluster(query1=EMPTY)
    (refused,) = found(spec, facts, known)
    assert refused.name == "reinstalled-host"
    assert refused.line.startswith("query1 (h2.lab.internal): was installed and is empty now (machine ")
    assert "replace: true" in refused.line
    assert found(declared({"hosts": {"query1": {"replace": True}}}), facts, known) == []


def test_a_rebuilt_host_of_the_keys_stays_refused(spec: DeploymentSpec, known: Manifest) -> None:
    facts = cluster(infra=EMPTY)
    lines = "\n".join(refused.line for refused in found(spec, facts, known) if refused.name == "reinstalled-host")
    assert all(what in lines for what in ("config_generator ran", "original of the cluster's keys", "ACL database"))
    agreed = [refused.line for refused in found(declared({"hosts": {"infra": {"replace": True}}}), facts, known)]
    assert any("config_generator ran" in line for line in agreed)
    assert any("original of the cluster's keys" in line for line in agreed)
    assert not any("ACL database" in line for line in agreed)


def test_a_rebuilt_query_host_is_installed_again(known: Manifest) -> None:
    alone = declared({"environment": "test", "etcd": ["infra"]})
    there = known.model_copy(update={"etcd": ("infra",)})
    assert found(alone, cluster(query2=EMPTY), there) == []


def installed(label: str, machine: str) -> Facts:
    receipt = Receipt(host=label, machine=machine)
    return replace(EMPTY, receipts={"packages": receipt, "auth": receipt, "etcd-config": receipt})


def test_a_machine_that_was_installed_as_another_host_is_refused(known: Manifest) -> None:
    here = EMPTY.system.machine_id
    other, own = installed("query1 (h2.lab.internal)", here), installed("query2 (h3.lab.internal)", here)
    spec = declared({"hosts": {"query2": {"replace": True}}})
    (refused,) = found(spec, cluster(query2=other), known)
    assert refused.name == "identity-mismatch"
    assert refused.line.startswith(
        "query2 (h3.lab.internal): this machine was installed as query1 (h2.lab.internal); check that"
    )
    assert found(spec, cluster(query2=own), known) == []


def test_an_installation_on_another_machine_is_refused_until_it_is_declared(
    spec: DeploymentSpec, known: Manifest
) -> None:
    facts = cluster(query2=installed("query2 (h3.lab.internal)", "f" * 32))
    (refused,) = found(spec, facts, known)
    assert refused.name == "identity-mismatch"
    assert f"written on machine ffffffff, this one is {EMPTY.system.machine_id[:8]}" in refused.line
    assert found(declared({"hosts": {"query2": {"replace": True}}}), facts, known) == []


def test_a_host_with_foreign_etcd_data_is_refused(spec: DeploymentSpec, known: Manifest) -> None:
    facts = dict.fromkeys(spec.cluster.nodes, EMPTY) | {"query1": replace(EMPTY, etcd_data=("/var/lib/etcd/x/member",))}
    (refused,) = found(spec, facts, None)
    assert refused.name == "foreign-etcd"
    assert refused.line.startswith(
        "query1 (h2.lab.internal): an etcd that this program did not create keeps data there (/var/lib"
    )
    own = replace(host("etcd-config", "keygen"), etcd_data=("/data/member",))
    assert found(spec, cluster(infra=own), known) == []


@pytest.mark.parametrize(
    ("infra", "says"),
    [
        (host("keygen"), "etcd's configuration and keys are missing, but query1, query2 use a copy"),
        (host("etcd-config"), "the cluster's keys are missing, but query1, query2 use a copy"),
    ],
)
def test_what_others_hold_and_its_maker_lost_is_never_made_anew(spec: DeploymentSpec, infra: Facts, says: str) -> None:
    (refused,) = found(spec, cluster(infra=infra), None)
    assert refused.name == "would-regenerate"
    assert says in refused.line


def test_a_maker_that_cannot_be_read_is_not_judged(spec: DeploymentSpec, known: Manifest) -> None:
    assert found(spec, cluster(infra=SILENT), known) == []


def test_nothing_is_made_for_the_clusters_life_while_a_host_cannot_be_read(
    spec: DeploymentSpec, known: Manifest
) -> None:
    facts: dict[str, HostFacts] = {**dict.fromkeys(spec.cluster.nodes, EMPTY), "query2": SILENT}
    begins = "query2 (h3.lab.internal): cannot be read, so"
    assert [(one.name, one.line.partition(" may already exist")[0]) for one in found(spec, facts, None)] == [
        ("unreachable-host", f"{begins} etcd's configuration and keys"),
        ("unreachable-host", f"{begins} the cluster's keys"),
    ]
    assert found(spec, facts, None, preview=True) == []
    assert found(spec, cluster(query2=SILENT), known) == []

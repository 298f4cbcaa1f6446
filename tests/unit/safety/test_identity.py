"""An update never silently replaces what exists once in a cluster, and a healthy cluster has no findings."""

from dataclasses import replace

import pytest

from components.facts.model import Facts, HostFacts, Receipt, Unreachable
from components.release.spec import DeploymentSpec
from components.topology.manifest import Manifest
from tests.unit.safety.shared import EMPTY, cluster, declared, findings, host

SILENT = Unreachable("no answer", "look")


def test_an_installed_cluster_and_a_bare_one_have_no_findings(spec: DeploymentSpec, recorded: Manifest) -> None:
    assert findings(spec, cluster(), recorded) == []
    assert findings(spec, dict.fromkeys(spec.cluster.nodes, EMPTY), None) == []


def test_a_reinstalled_etcd_member_is_refused_until_it_is_declared(spec: DeploymentSpec, recorded: Manifest) -> None:
    facts = cluster(query1=EMPTY)
    (refused,) = findings(spec, facts, recorded)
    assert refused.name == "reinstalled-host"
    assert refused.line.startswith("query1 (h2.lab.internal): was installed and is empty now (machine ")
    assert "replace: true" in refused.line
    assert findings(declared({"hosts": {"query1": {"replace": True}}}), facts, recorded) == []


def test_a_reinstalled_host_of_the_keys_is_always_refused(spec: DeploymentSpec, recorded: Manifest) -> None:
    facts = cluster(infra=EMPTY)
    lines = "\n".join(refused.line for refused in findings(spec, facts, recorded) if refused.name == "reinstalled-host")
    assert all(what in lines for what in ("config_generator ran", "original of the cluster's keys", "ACL database"))
    permitted = [
        refused.line for refused in findings(declared({"hosts": {"infra": {"replace": True}}}), facts, recorded)
    ]
    assert any("config_generator ran" in line for line in permitted)
    assert any("original of the cluster's keys" in line for line in permitted)
    assert not any("ACL database" in line for line in permitted)


def test_a_reinstalled_query_host_is_installed_again(recorded: Manifest) -> None:
    spec = declared({"environment": "test", "etcd": ["infra"]})
    single = recorded.model_copy(update={"etcd": ("infra",)})
    assert findings(spec, cluster(query2=EMPTY), single) == []


def installed(label: str, machine: str) -> Facts:
    receipt = Receipt(host=label, machine=machine)
    return replace(EMPTY, receipts={"packages": receipt, "auth": receipt, "etcd-config": receipt})


def test_a_machine_that_was_installed_as_another_host_is_refused(recorded: Manifest) -> None:
    here = EMPTY.system.machine_id
    other, own = installed("query1 (h2.lab.internal)", here), installed("query2 (h3.lab.internal)", here)
    spec = declared({"hosts": {"query2": {"replace": True}}})
    (refused,) = findings(spec, cluster(query2=other), recorded)
    assert refused.name == "identity-mismatch"
    assert refused.line.startswith(
        "query2 (h3.lab.internal): this machine was installed as query1 (h2.lab.internal); check that"
    )
    assert findings(spec, cluster(query2=own), recorded) == []


def test_an_installation_on_another_machine_is_refused_until_it_is_declared(
    spec: DeploymentSpec, recorded: Manifest
) -> None:
    facts = cluster(query2=installed("query2 (h3.lab.internal)", "f" * 32))
    (refused,) = findings(spec, facts, recorded)
    assert refused.name == "identity-mismatch"
    assert f"written on machine ffffffff, this one is {EMPTY.system.machine_id[:8]}" in refused.line
    assert findings(declared({"hosts": {"query2": {"replace": True}}}), facts, recorded) == []


def test_a_host_with_foreign_etcd_data_is_refused(spec: DeploymentSpec, recorded: Manifest) -> None:
    facts = dict.fromkeys(spec.cluster.nodes, EMPTY) | {"query1": replace(EMPTY, etcd_data=("/var/lib/etcd/x/member",))}
    (refused,) = findings(spec, facts, None)
    assert refused.name == "foreign-etcd"
    assert refused.line.startswith(
        "query1 (h2.lab.internal): an etcd that this program did not create keeps data there (/var/lib"
    )
    own = replace(host("etcd-config", "keygen"), etcd_data=("/data/member",))
    assert findings(spec, cluster(infra=own), recorded) == []


@pytest.mark.parametrize(
    ("infra", "expected"),
    [
        (host("keygen"), "etcd's configuration and keys are missing, but query1, query2 use a copy"),
        (host("etcd-config"), "the cluster's keys are missing, but query1, query2 use a copy"),
    ],
)
def test_lost_originals_are_never_regenerated_while_other_hosts_use_them(
    spec: DeploymentSpec, infra: Facts, expected: str
) -> None:
    (refused,) = findings(spec, cluster(infra=infra), None)
    assert refused.name == "would-regenerate"
    assert expected in refused.line


def test_an_unreachable_origin_host_has_no_finding(spec: DeploymentSpec, recorded: Manifest) -> None:
    assert findings(spec, cluster(infra=SILENT), recorded) == []


def test_originals_are_not_generated_while_a_host_is_unreachable(spec: DeploymentSpec, recorded: Manifest) -> None:
    facts: dict[str, HostFacts] = {**dict.fromkeys(spec.cluster.nodes, EMPTY), "query2": SILENT}
    begins = "query2 (h3.lab.internal): cannot be read, so"
    assert [(item.name, item.line.partition(" may already exist")[0]) for item in findings(spec, facts, None)] == [
        ("unreachable-host", f"{begins} etcd's configuration and keys"),
        ("unreachable-host", f"{begins} the cluster's keys"),
    ]
    assert findings(spec, facts, None, preview=True) == []
    assert findings(spec, cluster(query2=SILENT), recorded) == []

"""Drift: each kind has a reason, and intact, unreadable or new work has none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from components.drift import find_drift, installed_hosts
from components.facts.model import Facts, HostFacts, Receipt, Unit, Unreachable
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import FileCopy, FileTransfer, Plan
from components.steps.script import digest
from components.topology.manifest import Manifest, RecordedHost
from tests.unit.conftest import spec_of
from tests.unit.facts.records import facts as recorded

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
THEN = "2026-11-01T08:00:00Z"
FILE, DIGEST = "/etc/some/file", "a" * 64


@pytest.fixture(scope="module")
def spec() -> DeploymentSpec:
    """Return the deployment spec of the three-host stack."""
    return spec_of("production")


@pytest.fixture(scope="module")
def planned(spec: DeploymentSpec) -> Plan:
    """Return the plan of the three-host stack."""
    return plan(spec, digest="0" * 64)


def unit(enabled: str, active: str) -> Unit:
    return Unit(enabled=enabled, active=active)


def receipt(**now: str) -> Receipt:
    files = {f"/etc/{name}": DIGEST for name in now}
    return Receipt(time=THEN, files=files, now={f"/etc/{name}": digest for name, digest in now.items()})


def intact(spec: DeploymentSpec, planned: Plan, key: str) -> Facts:
    """Return the facts of a host on which the whole plan is done and unchanged."""
    node = spec.cluster.nodes[key]
    steps = [step.name for step in planned if step.node == node and not isinstance(step, FileCopy)]
    host = recorded("infra")
    mounted = replace(host.filesystems["/db/Systems"], mounted_at="/db/Systems")
    return replace(
        host,
        filesystems={**host.filesystems, "/db/Systems": mounted},
        receipts=dict.fromkeys(steps, receipt()),
        units=dict.fromkeys(("monit", "mariadb", "dh-etcd"), unit("enabled", "active")),
        monit=dict.fromkeys(spec.services_of(node), "OK"),
        packages={"monit": True, "lighttpd": True},
        product=spec.product_release,
    )


def whole(spec: DeploymentSpec, planned: Plan) -> dict[str, HostFacts]:
    return {key: intact(spec, planned, key) for key in spec.cluster.nodes}


def reasons(planned: Plan, facts: Mapping[str, HostFacts], *lost: str) -> Mapping[str, str]:
    """Return the reasons as text, by the resource names of steps."""
    return {name: reason.text for name, reason in find_drift(planned, facts, installed=lost, now=NOW).items()}


@pytest.mark.parametrize("name", ["infra-monit", "query1-auth"])
def test_a_run_with_other_inputs_is_drift(spec: DeploymentSpec, planned: Plan, name: str) -> None:
    facts, step = whole(spec, planned), planned[name]
    assert not isinstance(step, FileCopy)
    host = facts[step.node.key]
    assert isinstance(host, Facts)
    own = digest((step.import_ if isinstance(step, FileTransfer) else step).inputs)
    for inputs, expected in (
        (own, {}),
        ("", {}),
        ("f" * 64, {name: "drift: the last run had other inputs since " + THEN}),
    ):
        receipts = {**host.receipts, step.name: replace(receipt(), inputs=inputs)}
        assert reasons(planned, {**facts, step.node.key: replace(host, receipts=receipts)}) == expected


def test_an_intact_cluster_has_no_drift(spec: DeploymentSpec, planned: Plan) -> None:
    assert reasons(planned, whole(spec, planned), *spec.cluster.nodes) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"units": {"monit": unit("disabled", "active")}}, {"infra-monit": "unit monit is disabled"}),
        ({"units": {"mariadb": unit("enabled", "failed")}}, {"infra-database": "unit mariadb is failed"}),
        ({"units": {"dh-etcd": unit("masked", "active")}}, {"infra-etcd-enable": "unit dh-etcd is masked"}),
        ({"units": {"dh-etcd": unit("", "")}}, {"infra-etcd-enable": "unit dh-etcd is missing"}),
        ({"filesystems": recorded("infra").filesystems}, {"infra-mounts": "/db/Systems is not mounted"}),
        ({"packages": {"lighttpd": False}}, {"infra-packages": "package lighttpd was removed"}),
        ({"attempts": ("monit",)}, {"infra-monit": "the last run did not succeed"}),
        ({"upload": False}, {"infra-host": "/var/lib/deephaven-upload is not private to the ssh user"}),
        ({"monit": {"db_dis": "Not monitored"}}, {"infra-start": "db_dis is Not monitored"}),
        ({"monit": {"db_ltds": "Does not exist"}}, {"infra-start": "db_ltds is Does not exist"}),
        (
            {"monit": {"configuration_server": "Execution failed | Does not exist"}},
            {"infra-start-config-server": "configuration_server is Execution failed _ Does not exist"},
        ),
        (
            {"monit": {"authentication_server": "Not monitored"}},
            {"infra-start-auth-server": "authentication_server is Not monitored"},
        ),
    ],
)  # fmt: skip
def test_each_kind_of_drift_names_its_step(
    spec: DeploymentSpec, planned: Plan, change: Mapping[str, Any], expected: dict[str, str]
) -> None:
    facts = whole(spec, planned)
    infra = facts["infra"]
    assert isinstance(infra, Facts)
    changed: dict[str, Any] = {
        field: {**getattr(infra, field), **value} if isinstance(value, Mapping) else value
        for field, value in change.items()
    }
    facts["infra"] = replace(infra, **changed)
    assert reasons(planned, facts) == {name: f"drift: {what} since {THEN}" for name, what in expected.items()}


@pytest.mark.parametrize("status", ["OK", "Running", "Initializing", "OK - restart pending", "Waiting"])
def test_a_service_that_starts_is_not_drift(spec: DeploymentSpec, planned: Plan, status: str) -> None:
    facts = whole(spec, planned)
    infra = intact(spec, planned, "infra")
    facts["infra"] = replace(infra, monit={**infra.monit, "db_dis": status})
    assert reasons(planned, facts) == {}


def test_a_service_that_monit_lacks_is_configured_and_started(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    query = intact(spec, planned, "query1")
    facts["query1"] = replace(query, monit={key: value for key, value in query.monit.items() if key != "tailer1"})
    reason = f"drift: monit lacks tailer1 since {THEN}"
    assert reasons(planned, facts) == {"query1-roles": reason, "query1-start": reason}


def test_if_monit_is_down_only_its_own_step_runs_again(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    query = intact(spec, planned, "query1")
    facts["query1"] = replace(
        query, monit={}, units={**query.units, "monit": Unit(enabled="enabled", active="inactive")}
    )
    assert reasons(planned, facts) == {"query1-monit": f"drift: unit monit is inactive since {THEN}"}


def test_a_removed_account_is_created_again(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    query = intact(spec, planned, "query1")
    facts["query1"] = replace(query, accounts={key: ids for key, ids in query.accounts.items() if key != "dbmerge"})
    assert reasons(planned, facts) == {"query1-accounts": f"drift: account dbmerge was removed since {THEN}"}


def test_a_host_with_another_build_is_installed_again(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    facts["query2"] = replace(intact(spec, planned, "query2"), product="1.20200121.012-1")
    reason = f"drift: the product is 1.20200121.012-1, {spec.product_release} is declared since {THEN}"
    steps = ("stop", "rpm", "product", "connector", "start")
    assert reasons(planned, facts) == {f"query2-{step}": reason for step in steps}


def test_changed_and_removed_files_are_named(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    query = intact(spec, planned, "query1")
    touched = receipt(one=DIGEST, two="b" * 64, three="absent")
    facts["query1"] = replace(query, receipts={**query.receipts, "auth": touched})
    reason = f"drift: /etc/three was removed, /etc/two changed since {THEN}"
    assert reasons(planned, facts) == {"query1-auth": reason}
    assert isinstance(planned["query1-auth"], FileTransfer)


def test_only_the_reinstalled_host_is_installed_again(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    facts["query1"] = recorded("query")
    again = reasons(planned, facts, *spec.cluster.nodes)
    assert set(again) == {step.resource_name for step in planned if step.node.key == "query1"}
    machine = recorded("query").system.machine_id[:8]
    assert again["query1-product"] == f"no receipt on machine {machine} at 2026-11-24T12:00:00Z"


def test_an_unreachable_host_has_no_drift(spec: DeploymentSpec, planned: Plan) -> None:
    facts = whole(spec, planned)
    facts["query1"] = Unreachable("it does not answer", "look")
    assert reasons(planned, facts, *spec.cluster.nodes) == {}


def test_a_receipt_of_another_machine_does_not_count(spec: DeploymentSpec, planned: Plan) -> None:
    host = intact(spec, planned, "query1")
    other = Receipt(time=THEN, machine="f" * 32)
    own = Receipt(time=THEN, machine=host.system.machine_id)
    facts = {"query1": replace(host, receipts={**host.receipts, "auth": other, "packages": own})}
    machine = host.system.machine_id[:8]
    assert reasons(planned, facts) == {
        "query1-auth": f"receipt of a different machine, this one is {machine} at 2026-11-24T12:00:00Z"
    }


def test_a_damaged_receipt_makes_only_its_step_run_again(spec: DeploymentSpec, planned: Plan) -> None:
    host = intact(spec, planned, "query1")
    damaged = Receipt(damage="time: Field required")
    facts = {"query1": replace(host, receipts={**host.receipts, "auth": damaged})}
    machine = host.system.machine_id[:8]
    assert reasons(planned, facts) == {
        "query1-auth": f"unreadable receipt on machine {machine} at 2026-11-24T12:00:00Z"
    }


def test_a_copy_runs_again_with_the_installation_that_needs_it(spec: DeploymentSpec, planned: Plan) -> None:
    host = intact(spec, planned, "query2")
    facts = {"query2": replace(host, receipts={**host.receipts, "product": Receipt(damage="time: Field required")})}
    assert set(reasons(planned, facts)) == {"query2-product", "query2-rpm"}


def test_only_the_first_five_files_are_named(spec: DeploymentSpec, planned: Plan) -> None:
    host = intact(spec, planned, "query1")
    touched = receipt(**{f"f{n}": "absent" for n in range(1, 9)})
    facts = {"query1": replace(host, receipts={**host.receipts, "auth": touched})}
    named = ", ".join(f"/etc/f{n} was removed" for n in range(1, 6))
    assert reasons(planned, facts) == {"query1-auth": f"drift: {named}, 3 more since {THEN}"}


class TestInstalledHosts:
    """The hosts on which a missing receipt means lost work; all others are new."""

    def test_all_hosts_without_a_manifest(self) -> None:
        assert installed_hosts({"a": recorded("infra"), "b": recorded("query")}, None) == {"a", "b"}

    def test_hosts_of_the_manifest_and_not_an_added_one(self) -> None:
        facts = {"a": recorded("infra"), "b": recorded("query"), "new": recorded("query")}
        assert installed_hosts(facts, Manifest(hosts={"a": RecordedHost(), "b": RecordedHost()})) == {"a", "b"}

    def test_an_added_host_with_an_incomplete_installation(self) -> None:
        facts = {"a": recorded("infra"), "new": recorded("infra")}
        assert installed_hosts(facts, Manifest(hosts={"a": RecordedHost()})) == {"a", "new"}

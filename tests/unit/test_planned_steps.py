"""The plan: steps that depend on the stack file, and inconsistent plans."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.errors import ProfileError
from components.installation import Phase, Row
from components.plan import plan
from components.steps.model import Plan, Step
from components.topology.cluster import Node
from tests.unit.conftest import make_spec, raw_of, spec_of

DIGEST = "0" * 64


def _plan(raw: Mapping[str, Any]) -> Plan:
    return plan(make_spec(raw), digest=DIGEST)


NODE = Node("infra", "h1.lab.internal", None, ())


def _step(name: str, *after: str) -> Step:
    return Step(row=Row(name, "-", "-", Phase.HOSTS, "x.sh"), node=NODE, after=after, limit=1)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([_step("a"), _step("a")], "two steps are named infra-a"),
        ([_step("a", "infra-b")], "steps wait for steps that do not exist: infra-b"),
        ([_step("a", "infra-b"), _step("b", "infra-a")], "steps wait for each other"),
    ],
)
def test_an_inconsistent_plan_is_refused(steps: list[Step], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Plan(steps)


def test_a_host_has_common_and_own_mounts_with_outer_paths_first(raw: dict[str, Any]) -> None:
    export = {"source": "nas:/systems", "path": "/db/Systems", "type": "nfs"}
    own = {"source": "nas:/other", "path": "/db/Systems", "type": "nfs4", "options": "ro"}
    whole = {"source": "UUID=1", "path": "/db", "type": "xfs"}
    host = {**raw["hosts"]["infra"], "mounts": [own]}
    planned = _plan({**raw, "mounts": [export, whole], "hosts": {"infra": host}})
    step = planned["infra-mounts"]
    assert isinstance(step, Step)
    assert step.inputs == {
        "sources": ("UUID=1", "nas:/other"),
        "paths": ("/db", "/db/Systems"),
        "types": ("xfs", "nfs4"),
        "options": ("defaults", "ro"),
    }
    packages = planned["infra-packages"]
    assert isinstance(packages, Step)
    assert "nfs-utils" in packages.inputs["packages"]
    assert {"infra-mounts"} < set(planned["infra-product"].after)


def test_an_unknown_account_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match=r"accounts\.admin: unknown account of the product; use one of irisadmin"):
        _plan({**raw, "accounts": {"admin": {"uid": 9001, "gid": 9001}}})


def test_accounts_are_created_in_the_profiles_order_before_the_product(raw: dict[str, Any]) -> None:
    planned = _plan({**raw, "accounts": {"dbquery": {"uid": 2, "gid": 3}, "irisadmin": {"uid": 1, "gid": 1}}})
    step = planned["infra-accounts"]
    assert isinstance(step, Step)
    assert (step.inputs["names"], step.inputs["uids"]) == (("irisadmin", "dbquery"), ("1", "2"))
    assert step.inputs["gids"] == ("1", "3")
    assert "infra-accounts" in planned["infra-product"].after


def test_a_cluster_of_lost_hosts_has_only_host_steps(raw: dict[str, Any]) -> None:
    raw["hosts"]["infra"]["lost"] = True
    (host,) = _plan(raw)
    assert isinstance(host, Step)
    assert (host.resource_name, host.lost, host.protected) == ("infra-host", True, False)


def test_a_host_with_example_data_has_restarts_too(raw: dict[str, Any]) -> None:
    raw["services"] = {"example_data": "infra"}
    assert {"infra-example-data", "infra-restart"} <= {step.resource_name for step in _plan(raw)}


def test_a_stacks_own_routing_replaces_the_vendors_script() -> None:
    spec = spec_of("production-ha")
    planned = plan(replace(spec, routing="storage: elsewhere\n"), digest=DIGEST)
    step = planned[f"{spec.cluster.primary.key}-routing"]
    assert isinstance(step, Step)
    assert step.script == "config_server/scripts/place-routing.sh"
    assert step.inputs["document"] == "storage: elsewhere\n"
    assert [
        other.resource_name for other in planned if other.resource_name.endswith(("-routing", "-routing-file"))
    ] == [step.resource_name]


def test_a_replaced_etcd_member_is_removed_and_added_before_it_starts() -> None:
    raw = raw_of("production")
    assert "query2-etcd-replace" not in {step.resource_name for step in _plan(raw)}
    raw["hosts"]["query2"]["replace"] = True
    planned = _plan(raw)
    step = planned["query2-etcd-replace"]
    assert isinstance(step, Step)
    assert (step.script, step.inputs["address"]) == ("etcd/scripts/replace-member.sh", "10.77.0.13")
    assert "query2-etcd-replace" in planned["query2-etcd-enable"].after


def test_the_first_etcd_member_cannot_be_replaced() -> None:
    raw = raw_of("production")
    raw["hosts"]["infra"]["replace"] = True
    assert "infra-etcd-replace" not in {step.resource_name for step in _plan(raw)}

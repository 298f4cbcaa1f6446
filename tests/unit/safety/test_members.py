"""etcd's members, their ordinals and the host of the keys stay what they are; one member at a time is replaced."""

from dataclasses import replace
from typing import Any

import pytest

from components.facts.model import Unit
from components.topology.manifest import Manifest
from tests.unit.safety.shared import EMPTY, cluster, declared, found, host

REPLACED = {"hosts": {key: {"replace": True} for key in ("query1", "query2")}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"etcd": ["infra"]}, "etcd: the members are [infra, query1, query2], declared are [infra]; write this list"),
        ({"etcd": ["query1", "infra", "query2"]}, "declared are [query1, infra, query2]; write them in this order"),
        (
            {"hosts": {"query1": {"ip": "10.77.0.99"}}},
            "hosts.query1.ip: the etcd member is registered at 10.77.0.12, declared is 10.77.0.99",
        ),
    ],
)
def test_another_list_of_members_is_refused(known: Manifest, change: dict[str, Any], says: str) -> None:
    (refused,) = found(declared(change), cluster(), known)
    assert refused.name == "etcd-members"
    assert says in refused.line


def test_another_host_of_the_keys_is_refused(known: Manifest) -> None:
    database = {"services": {"acl_database": "infra"}}
    (refused,) = found(declared({"config_servers": ["query1", "infra"], **database}), cluster(), known)
    assert refused.name == "key-host"
    assert "config_servers: the cluster's keys are on infra, first is query1" in refused.line
    assert found(declared({"config_servers": ["infra", "query1"], **database}), cluster(), known) == []


def test_members_are_replaced_one_at_a_time(known: Manifest) -> None:
    spec = declared(REPLACED)
    assert found(spec, cluster(query1=EMPTY), known) == []
    told = found(spec, cluster(query1=EMPTY, query2=EMPTY), known)
    assert {refused.name for refused in told} == {"etcd-replace"}
    assert "only one etcd member at a time can be replaced" in told[0].line


def test_a_member_is_replaced_only_while_the_others_hold_a_majority(known: Manifest) -> None:
    down = replace(host("etcd-config", "auth"), units={"dh-etcd": Unit(enabled="enabled", active="failed")})
    (refused,) = found(declared(REPLACED), cluster(query1=EMPTY, query2=down), known)
    assert refused.name == "etcd-replace"
    assert "query1 (h2.lab.internal): 1 of etcd's other members run, 2 are needed" in refused.line

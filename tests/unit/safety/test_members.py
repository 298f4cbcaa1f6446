"""etcd's members, their ordinals and the host of the keys never change; one member at a time can be replaced."""

from dataclasses import replace
from typing import Any

import pytest

from components.facts.model import Unit
from components.topology.manifest import Manifest
from tests.unit.safety.shared import EMPTY, cluster, declared, findings, host

REPLACED = {"hosts": {key: {"replace": True} for key in ("query1", "query2")}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"etcd": ["infra"]}, "etcd: the members are [infra, query1, query2], declared are [infra]; write this list"),
        ({"etcd": ["query1", "infra", "query2"]}, "declared are [query1, infra, query2]; write them in this order"),
        (
            {"hosts": {"query1": {"ip": "10.77.0.99"}}},
            "hosts.query1.ip: the etcd member is registered at 10.77.0.12, declared is 10.77.0.99",
        ),
    ],
)
def test_another_list_of_members_is_refused(recorded: Manifest, change: dict[str, Any], expected: str) -> None:
    (refused,) = findings(declared(change), cluster(), recorded)
    assert refused.name == "etcd-members"
    assert expected in refused.line


def test_another_host_of_the_keys_is_refused(recorded: Manifest) -> None:
    database = {"services": {"acl_database": "infra"}}
    (refused,) = findings(declared({"config_servers": ["query1", "infra"], **database}), cluster(), recorded)
    assert refused.name == "key-host"
    assert "config_servers: the cluster's keys are on infra, first is query1" in refused.line
    assert findings(declared({"config_servers": ["infra", "query1"], **database}), cluster(), recorded) == []


def test_only_one_member_at_a_time_is_replaced(recorded: Manifest) -> None:
    spec = declared(REPLACED)
    assert findings(spec, cluster(query1=EMPTY), recorded) == []
    refusals = findings(spec, cluster(query1=EMPTY, query2=EMPTY), recorded)
    assert {refused.name for refused in refusals} == {"etcd-replace"}
    assert "only one etcd member at a time can be replaced" in refusals[0].line


def test_a_member_is_replaced_only_while_the_others_have_a_majority(recorded: Manifest) -> None:
    down = replace(host("etcd-config", "auth"), units={"dh-etcd": Unit(enabled="enabled", active="failed")})
    (refused,) = findings(declared(REPLACED), cluster(query1=EMPTY, query2=down), recorded)
    assert refused.name == "etcd-replace"
    assert "query1 (h2.lab.internal): 1 of etcd's other members run, 2 are needed" in refused.line

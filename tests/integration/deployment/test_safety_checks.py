"""Changes that would harm an existing cluster are refused, unless the stack allows or declares them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from lab.hosts.names import first_hosts
from tests.support import etcd
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import edited_copy, write_config
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec

pytestmark = pytest.mark.lab
STACK = "production"
BUILD = {"build": "012", "rpm": {"file": "lab/.build/illumon-db-1.20200121.012-1-1.rpm"}}
OLDER = {"build": "008", "rpm": {"file": "lab/.build/illumon-db-1.20200121.008-1-1.rpm"}}
NO_STORE: dict[str, Any] = {"hosts": {"store": None, "infra": {"roles": ["infra", "dis", "batch"]}}}
DATABASE = {"services": {"acl_database": "infra"}}
# Three etcd members and a host for DIS, with the newer build and a proxy.
STORE = {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["dis"]}
CHANGE = {
    "release": BUILD,
    "hosts": {"store": STORE, "infra": {"roles": ["infra", "batch"]}},
    "services": {"tdcp": ["query1"]},
}
WHY = "agreed on with the team"


def host_state(cluster: Cluster) -> list[str]:
    """Return for each host what any step would change: receipts, manifests, and processes of units and services."""
    query = (
        "find /var/lib/deephaven-install -type f ! -path '*/locks/*' -printf '%p %T@\\n' | sort;"
        " for u in dh-etcd mariadb monit; do systemctl show -P MainPID $u; done; head -n 1 /run/deephaven/*.pid"
    )
    return [cluster.root(query, host=f"h{host.number}", check=False) for host in first_hosts(4)]


def assert_update_refused(cluster: Cluster, *messages: str) -> None:
    """Assert that an update reports these messages, registers nothing and changes no host."""
    before = host_state(cluster)
    assert_refused(cluster.up(), messages)
    assert host_state(cluster) == before


def assert_refused(update: Update, messages: Iterable[str]) -> None:
    """Assert that an update reports these messages and has no operation other than that of the stack itself."""
    assert update.status != 0
    assert [message for message in messages if message not in update.output] == []
    assert {*update.changes} - {"create", "same"} | {*update.touched} == set()


HARMFUL: list[tuple[dict[str, Any], str]] = [
    ({"release": OLDER}, "release.build: the cluster runs 1.20200121.012-1, declared is 1.20200121.008-1"),
    ({"etcd": ["infra"]}, "etcd: the members are [infra, query1, query2], declared are [infra];"),
    ({"etcd": ["infra", "query2", "query1"]}, "declared are [infra, query2, query1]; write them in this order"),
    ({"hosts": {"query1": {"ip": "10.77.0.99"}}}, "hosts.query1.ip: the etcd member is registered at 10.77.0.12"),
    (
        {"config_servers": ["query1", "infra"], **DATABASE},
        "config_servers: the cluster's keys are on infra, first is query1",
    ),
    (
        {"services": {"acl_database": "query1", "tdcp": ["query1"]}},
        "the accounts are in the database on infra, declared is query1",
    ),
    ({"services": None}, "services.tdcp: query1 was the last tdcp server"),
    (NO_STORE, "hosts: store (h4.lab.internal) is removed and keeps state (dis)"),
    (
        {"hosts": {"query2": {"ssh": {"address": "h2.lab.internal"}}}},
        "query2 (h3.lab.internal): this machine was installed as query1 (h2.lab.internal)",
    ),
]


@pytest.mark.parametrize(("change", "message"), HARMFUL)
def test_a_harmful_change_is_refused(installed: Cluster, tmp_path: Path, change: dict[str, Any], message: str) -> None:
    assert_update_refused(edited_copy(installed, tmp_path, change), message)


def test_a_preview_refuses_the_same_changes_and_reports_all_at_once(installed: Cluster, tmp_path: Path) -> None:
    several = [HARMFUL[0], HARMFUL[1], HARMFUL[6], HARMFUL[7]]
    copy = edited_copy(installed, tmp_path, {key: value for change, _ in several for key, value in change.items()})
    assert_refused(copy.preview(), [message for _, message in several])


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        ("downgrade", {"release": OLDER}),
        ("acl-database", {"services": {"acl_database": "query1"}}),
        ("last-of-kind", {"services": {"tdcp": []}}),
    ],
)
def test_the_stack_can_allow_a_change(installed: Cluster, tmp_path: Path, refusal: str, change: dict[str, Any]) -> None:
    allowing = edited_copy(installed, tmp_path, {**change, "allow": [{"refusal": refusal, "reason": WHY}]})
    preview = allowing.successful_preview()
    assert preview.touched


class TestAReplacedMachine:
    """A disk that moved to another machine, and an etcd member that was reinstalled."""

    def test_another_machine_with_the_same_installation_is_accepted_if_it_is_declared(
        self, installed: Cluster, tmp_path: Path
    ) -> None:
        installed.root("tr 0-9a-f a-f0-9 </etc/machine-id >/tmp/id && cat /tmp/id >/etc/machine-id", host="h3")
        assert_update_refused(installed, "its receipts were written on machine ")
        spec = make_spec(installed.configuration())
        replacing = edited_copy(installed, tmp_path, {"hosts": {"query2": {"replace": True}}})
        before = replacing.calls("h3")
        done = replacing.deploy()
        repeated = {
            step
            for step in done.touched
            if done.reason(step).startswith("receipt of a different machine, this one is ")
        }
        assert {"query2-packages", "query2-product", "query2-auth", "query2-start"} <= repeated
        assert {step.partition("-")[0] for step in done.touched} == {"query2"}
        assert replacing.calls("h3")["config_generator.sh"] == before["config_generator.sh"]
        services = replacing.services("h3")
        assert {services.get(name) for name in spec.services_of(spec.cluster.nodes["query2"])} == {"OK"}
        assert replacing.has_no_changes()

    def test_an_empty_etcd_member_is_refused_and_added_again_if_it_is_declared(
        self, installed: Cluster, tmp_path: Path
    ) -> None:
        replacing = edited_copy(installed, tmp_path, {"hosts": {"query2": {"replace": True}}})
        etcd.put(replacing, "before")
        replacing.lab.recreate("h3")
        assert_update_refused(installed, "query2 (h3.lab.internal): was installed and is empty now (machine ")
        replacing.deploy()
        assert etcd.members(replacing) == {"etcd-1": "started", "etcd-2": "started", "etcd-3": "started"}
        assert etcd.get(replacing) == "before"
        assert replacing.has_no_changes()
        write_config(replacing, changed(replacing.configuration(), {"hosts": {"query2": {"replace": False}}}))
        update = replacing.deploy()
        assert set(update.touched) == {"query2-etcd-replace", "query2-etcd-enable"}
        assert replacing.has_no_changes()


class TestAHostWithState:
    """It can be removed in two updates."""

    def test_it_can_be_removed_after_it_was_retired(self, installed: Cluster, tmp_path: Path) -> None:
        copy = edited_copy(installed, tmp_path, {"hosts": {"store": {"retire": True}}})
        retired = copy.deploy()
        assert set(retired.touched) == {"infra-manifest"}
        write_config(copy, changed(copy.configuration(), NO_STORE))
        removed = copy.deploy()
        assert "store-host" in removed.touched
        assert copy.services("h1")["db_dis"] == "OK"
        assert copy.has_no_changes()

    def test_the_engine_protects_it_from_destroy(self, installed: Cluster) -> None:
        done = installed.update("destroy", "--yes", "--skip-preview")
        assert done.status != 0
        assert "protected" in done.output
        assert installed.services("h2")["db_query_server"] == "OK"


def test_two_empty_members_are_refused_even_if_they_are_declared(installed: Cluster, tmp_path: Path) -> None:
    """No other test can follow, because etcd loses its majority."""
    both = {"hosts": {key: {"replace": True} for key in ("query1", "query2")}}
    replacing = edited_copy(installed, tmp_path, both)
    for host in ("h2", "h3"):
        replacing.lab.recreate(host)
    assert_update_refused(replacing, "only one etcd member at a time can be replaced; set replace: true on one of them")
    assert_update_refused(replacing, "1 of etcd's other members run, 2 are needed to take it back")

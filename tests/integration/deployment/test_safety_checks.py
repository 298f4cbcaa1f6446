"""Changes that would harm a cluster that is there: refused with nothing touched, and done once the stack agrees."""

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
# Three members of etcd and a host for DIS, with the newer build and a proxy.
STORE = {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["dis"]}
CHANGE = {
    "release": BUILD,
    "hosts": {"store": STORE, "infra": {"roles": ["infra", "batch"]}},
    "services": {"tdcp": ["query1"]},
}
WHY = "agreed on with the team"


def held(cluster: Cluster) -> list[str]:
    """Return what would tell that a host was changed: receipts, records, units, processes of services."""
    look = (
        "find /var/lib/deephaven-install -type f ! -path '*/locks/*' -printf '%p %T@\\n' | sort;"
        " for u in dh-etcd mariadb monit; do systemctl show -P MainPID $u; done; head -n 1 /run/deephaven/*.pid"
    )
    return [cluster.root(look, host=f"h{host.number}", check=False) for host in first_hosts(4)]


def refused(cluster: Cluster, *says: str) -> None:
    """Hold that an update says these lines, registers nothing and changes nothing on any host."""
    before = held(cluster)
    _refused(cluster.up(), says)
    assert held(cluster) == before


def _refused(done: Update, says: Iterable[str]) -> None:
    assert done.status != 0
    assert [line for line in says if line not in done.output] == []
    assert registered(done) == set()


def registered(update: Update) -> set[str]:
    """Return the kinds of operation that the engine's events tell beside the stack's own."""
    return {*update.changes} - {"create", "same"} | {*update.touched}


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


@pytest.mark.parametrize(("change", "says"), HARMFUL)
def test_a_harmful_change_is_refused(installed: Cluster, tmp_path: Path, change: dict[str, Any], says: str) -> None:
    refused(edited_copy(installed, tmp_path, change), says)


def test_a_preview_refuses_what_an_update_does_and_says_all_at_once(installed: Cluster, tmp_path: Path) -> None:
    several = [HARMFUL[0], HARMFUL[1], HARMFUL[6], HARMFUL[7]]
    twin = edited_copy(installed, tmp_path, {key: value for change, _ in several for key, value in change.items()})
    _refused(twin.preview(), [says for _, says in several])


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        ("downgrade", {"release": OLDER}),
        ("acl-database", {"services": {"acl_database": "query1"}}),
        ("last-of-kind", {"services": {"tdcp": []}}),
    ],
)
def test_the_stack_may_agree_to_it(installed: Cluster, tmp_path: Path, refusal: str, change: dict[str, Any]) -> None:
    agreed = edited_copy(installed, tmp_path, {**change, "allow": [{"refusal": refusal, "reason": WHY}]})
    preview = agreed.successful_preview()
    assert preview.touched


class TestAMachineThatChanges:
    """A disk that moved to another machine, and a member of etcd that comes back empty."""

    def test_another_machine_with_the_same_installation_is_taken_over_once_declared(
        self, installed: Cluster, tmp_path: Path
    ) -> None:
        installed.root("tr 0-9a-f a-f0-9 </etc/machine-id >/tmp/id && cat /tmp/id >/etc/machine-id", host="h3")
        refused(installed, "its receipts were written on machine ")
        spec = make_spec(installed.configuration())
        agreed = edited_copy(installed, tmp_path, {"hosts": {"query2": {"replace": True}}})
        before = agreed.calls("h3")
        done = agreed.deploy()
        again = {
            step
            for step in done.touched
            if done.reason(step).startswith("receipt of a different machine, this one is ")
        }
        assert {"query2-packages", "query2-product", "query2-auth", "query2-start"} <= again
        assert {step.partition("-")[0] for step in done.touched} == {"query2"}
        assert agreed.calls("h3")["config_generator.sh"] == before["config_generator.sh"]
        running = agreed.services("h3")
        assert {running.get(name) for name in spec.services_of(spec.cluster.nodes["query2"])} == {"OK"}
        assert agreed.has_no_changes()

    def test_an_empty_member_of_etcd_is_refused_and_taken_in_again_once_declared(
        self, installed: Cluster, tmp_path: Path
    ) -> None:
        agreed = edited_copy(installed, tmp_path, {"hosts": {"query2": {"replace": True}}})
        etcd.put(agreed, "before")
        agreed.lab.renew("h3")
        refused(installed, "query2 (h3.lab.internal): was installed and is empty now (machine ")
        agreed.deploy()
        assert etcd.members(agreed) == {"etcd-1": "started", "etcd-2": "started", "etcd-3": "started"}
        assert etcd.get(agreed) == "before"
        assert agreed.has_no_changes()
        write_config(agreed, changed(agreed.configuration(), {"hosts": {"query2": {"replace": False}}}))
        after = agreed.deploy()
        assert set(after.touched) == {"query2-etcd-replace", "query2-etcd-enable"}
        assert agreed.has_no_changes()


class TestAHostWithState:
    """It leaves in two updates."""

    def test_it_leaves_once_it_was_retired(self, installed: Cluster, tmp_path: Path) -> None:
        retired = edited_copy(installed, tmp_path, {"hosts": {"store": {"retire": True}}})
        done = retired.deploy()
        assert set(done.touched) == {"infra-manifest"}
        write_config(retired, changed(retired.configuration(), NO_STORE))
        left = retired.deploy()
        assert "store-host" in left.touched
        assert retired.services("h1")["db_dis"] == "OK"
        assert retired.has_no_changes()

    def test_the_engine_itself_protects_it(self, installed: Cluster) -> None:
        done = installed.update("destroy", "--yes", "--skip-preview")
        assert done.status != 0
        assert "protected" in done.output
        assert installed.services("h2")["db_query_server"] == "OK"


def test_two_empty_members_are_refused_though_declared(installed: Cluster, tmp_path: Path) -> None:
    """The last test: it takes etcd's majority away."""
    both = {"hosts": {key: {"replace": True} for key in ("query1", "query2")}}
    agreed = edited_copy(installed, tmp_path, both)
    for host in ("h2", "h3"):
        agreed.lab.renew(host)
    refused(agreed, "only one etcd member at a time can be replaced; set replace: true on one of them")
    refused(agreed, "1 of etcd's other members run, 2 are needed to take it back")

"""Servers come and go by an edit of the stack file: exactly the steps of the guide's chapter on adding servers run."""

from pathlib import Path
from typing import Any

import pytest

from lab.hosts.names import first_hosts
from tests.integration.deployment.patching import (
    NEVER_AGAIN,
    VALUE,
    Baseline,
    calls,
    add_site_data,
    ran_since,
)
from tests.support import etcd
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec

pytestmark = pytest.mark.lab
STACK = "production"
# What runs on the hosts that are there when a query server comes or goes (guide, Adding Servers, 5, 6, 10 and 11).
LEARN = {"infra-endpoints", "infra-import-changes", "infra-restart", "infra-reload", "infra-manifest"}


TEN = 10
# A data import server: its routing instead of the controller's reload; it starts after the query servers.
DIS = LEARN - {"infra-reload"} | {"infra-routing", "infra-query-started"}


def host(number: int, *roles: str) -> dict[str, Any]:
    """Return a host of the stack by its number in the lab."""
    named = first_hosts(number)[-1]
    return {"fqdn": named.fqdn, "ip": named.address, "roles": list(roles)}


@pytest.fixture(scope="module", autouse=True)
def before(installed: Cluster) -> Baseline:
    """Furnish the cluster, in a lab that has hosts to spare."""
    installed.lab.up(6)
    return add_site_data(installed)


def edit(cluster: Cluster, change: dict[str, Any]) -> Update:
    """Change the stack file: preview and update name the same steps, and the cluster is whole.

    What is left to do then shows in the next one's preview.
    """
    write_config(cluster, changed(cluster.configuration(), change))
    preview = cluster.successful_preview()
    done = cluster.deploy()
    assert set(done.touched) == set(preview.touched)
    spec = make_spec(cluster.configuration())
    assert services_ok(cluster)
    etcd.check(cluster, spec, VALUE)
    assert {script: sum(made[script] for made in calls(cluster).values()) for script in NEVER_AGAIN} == dict.fromkeys(
        NEVER_AGAIN, 1
    )
    return done


def elsewhere(update: Update, *keys: str) -> set[str]:
    """Return the steps that ran on other hosts than these."""
    return {step for step in update.touched if step.split("-")[0] not in keys}


def pids(cluster: Cluster, name: str) -> dict[str, str]:
    """Return the processes of services on a host."""
    shell = "for f in /run/deephaven/*.pid; do echo ${f##*/}=$(cat $f); done"
    return dict(line.split("=") for line in cluster.root(shell, host=name).splitlines())


def known_queries(cluster: Cluster) -> str:
    """Return the query servers that a reload of the controller tells."""
    logs = "ls -t /var/log/deephaven/misc/PersistentQueryControllerTool.log.* | head -n 1"
    return cluster.root(f"cat $({logs})")


def stopped(cluster: Cluster, name: str) -> bool:
    """Say whether nothing of Deephaven runs on a host, monit included."""
    return cluster.root("systemctl is-active monit; pgrep -fc dhlib.daemon", host=name, check=False) == "inactive\n0\n"


def test_a_query_server_is_added_and_touches_only_what_must_learn_of_it(installed: Cluster) -> None:
    before = {name: pids(installed, name) for name in ("h1", "h2", "h3")}
    done = edit(installed, {"hosts": {"query3": host(4, "query")}})
    assert elsewhere(done, "query3") == LEARN
    assert {"query3-auth", "query3-roles", "query3-start"} <= set(done.touched)
    assert "h4.lab.internal" in known_queries(installed)
    after = {name: pids(installed, name) for name in before}
    restarted = {service for service in before["h1"] if before["h1"][service] != after["h1"][service]}
    assert restarted == {"client_update_service.pid"}
    assert [after[name] for name in ("h2", "h3")] == [before[name] for name in ("h2", "h3")]


def test_it_is_taken_out_after_the_others_learned_of_it_and_keeps_its_data(installed: Cluster) -> None:
    before = {name: pids(installed, name) for name in ("h2", "h3")}
    done = edit(installed, {"hosts": {"query3": None}})
    assert elsewhere(done, "query3") == LEARN
    assert "h4.lab.internal" not in known_queries(installed)
    assert stopped(installed, "h4")
    assert installed.root("rpm -q illumon-db && ls /etc/sysconfig/deephaven/auth", host="h4")
    assert {name: pids(installed, name) for name in before} == before
    order = done.output
    assert order.index("infra-reload updated") < order.index("query3-host deleting")


def routing(*servers: str) -> str:
    """Return a routing document with anchors, a merge and a remark, one data import server on each host."""
    first = "# which server takes in what\nanchors:\n  - &dis-host h1.lab.internal\n  - &rta-host h1.lab.internal\n"
    defaults = (
        "  - &defaults {tailerPort: 22021, storage: default}\nconfig:\n  storage: [{name: default, dbRoot: /db}]\n"
    )
    rows = [f"    db_dis_{n}:\n      <<: *defaults\n      host: {name}\n" for n, name in enumerate(servers)]
    return f"{first}{defaults}  dataImportServers:\n{''.join(rows)}"


def test_a_dis_server_is_added_with_the_stacks_own_routing(installed: Cluster) -> None:
    file = installed.stack.project / "routing.yml"
    file.write_text(routing("h1.lab.internal"))
    own = edit(installed, {"routing": {"file": "routing.yml"}})
    assert set(own.touched) == {"infra-routing", "infra-import-changes", "infra-restart"}
    file.write_text(routing("h1.lab.internal", "h5.lab.internal"))
    before = {name: pids(installed, name) for name in ("h2", "h3")}
    done = edit(installed, {"hosts": {"store": host(5, "dis")}})
    assert elsewhere(done, "store") == DIS
    assert {name: pids(installed, name) for name in before} == before
    assert installed.root("cat /etc/sysconfig/illumon.d/resources/routing_service.yml") == file.read_text()


def test_a_dis_server_leaves_in_two_updates(installed: Cluster) -> None:
    retired = edit(installed, {"hosts": {"store": {"retire": True}}})
    assert set(retired.touched) == {"infra-manifest"}
    (installed.stack.project / "routing.yml").write_text(routing("h1.lab.internal"))
    done = edit(installed, {"hosts": {"store": None}})
    assert elsewhere(done, "store") == DIS
    assert stopped(installed, "h5")
    assert installed.has_no_changes()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("config: [", "invalid YAML in line"),
        ("config: {}", "config.dataImportServers has no server"),
        (routing("h2.lab.internal"), "host is 'h2.lab.internal', which lacks the role dis"),
    ],
)
def test_a_routing_document_that_does_not_fit_is_refused(
    installed: Cluster, tmp_path: Path, text: str, says: str
) -> None:
    wrong = edited_copy(installed, tmp_path, {"routing": {"file": "wrong.yml"}})
    (tmp_path / "wrong.yml").write_text(text)
    done = wrong.up()
    assert done.status != 0
    assert says in done.output
    assert done.touched == {}


def test_a_configuration_and_an_authentication_server_are_added(installed: Cluster) -> None:
    change = {
        "hosts": {"second": host(6)},
        "config_servers": ["infra", "second"],
        "auth_servers": ["infra", "second"],
    }
    done = edit(installed, change)
    assert elsewhere(done, "second", "infra") == set()
    assert {"second-etcd-config", "second-auth", "second-start-config-server", "second-manifest"} <= set(done.touched)


def test_nothing_is_left_to_do(installed: Cluster) -> None:
    assert installed.converged()


@pytest.mark.long
def test_ten_query_servers_at_once_are_installed_beside_each_other(installed: Cluster) -> None:
    installed.lab.up(TEN + 6)
    began = float(installed.root("date +%s.%N"))
    keys = [f"more{number}" for number in range(7, TEN + 7)]
    hosts = {f"more{number}": host(number, "query") for number in range(7, TEN + 7)}
    done = edit(installed, {"hosts": hosts})
    assert elsewhere(done, *keys) - {"second-manifest"} == LEARN
    ran = ran_since(installed, began)
    # no host waits for another until their products, which wait for a stop of all; how fast a step is says nothing
    first = [min(one.begun for step, one in ran.items() if step.startswith(f"{key}-")) for key in keys]
    assert max(first) < min(ran[f"{key}-stop"].ended for key in keys)
    packages = [ran[f"{key}-packages"] for key in keys]
    assert any(one.begun < other.begun < one.ended for one in packages for other in packages)
    edit(installed, {"hosts": dict.fromkeys(keys)})

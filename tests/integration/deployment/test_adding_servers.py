"""Servers are added and removed in the stack file: exactly the steps of the guide's chapter Adding Servers run."""

from pathlib import Path
from typing import Any

import pytest

from lab.hosts.names import first_hosts
from tests.integration.deployment.patching import (
    NEVER_AGAIN,
    VALUE,
    Baseline,
    add_site_data,
    calls,
    steps_since,
)
from tests.support import etcd
from tests.support.cluster import Cluster, Update
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import services_ok
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec

pytestmark = pytest.mark.lab
STACK = "production"
# Steps on the other hosts when a query server is added or removed (guide, Adding Servers, 5, 6, 8, 10 and 11).
QUERY = {
    *("infra-endpoints", "infra-import-changes", "infra-auth-package", "infra-restart", "infra-reload"),
    "infra-manifest",
}
# For a data import server, the routing changes instead of the controller's reload; it starts after the query servers.
DIS = QUERY - {"infra-reload"} | {"infra-routing", "infra-query-started"}
TEN = 10


def host(number: int, *roles: str) -> dict[str, Any]:
    """Return the declaration of a lab host by its number."""
    lab_host = first_hosts(number)[-1]
    return {"fqdn": lab_host.fqdn, "ip": lab_host.address, "roles": list(roles)}


@pytest.fixture(scope="module", autouse=True)
def baseline(installed: Cluster) -> Baseline:
    """Start further hosts in the lab, and add a site's data to the cluster."""
    installed.lab.up(6)
    return add_site_data(installed)


def edit(cluster: Cluster, change: dict[str, Any]) -> Update:
    """Change the stack file and update; preview and update have the same steps, and the cluster stays intact.

    Work that this update leaves would show in the next preview.
    """
    write_config(cluster, changed(cluster.configuration(), change))
    preview = cluster.successful_preview()
    done = cluster.deploy()
    assert set(done.touched) == set(preview.touched)
    spec = make_spec(cluster.configuration())
    assert services_ok(cluster)
    etcd.check(cluster, spec, VALUE)
    runs = calls(cluster).values()
    assert {script: sum(host[script] for host in runs) for script in NEVER_AGAIN} == dict.fromkeys(NEVER_AGAIN, 1)
    return done


def steps_on_other_hosts(update: Update, *keys: str) -> set[str]:
    """Return the steps that ran on hosts other than these."""
    return {step for step in update.touched if step.split("-")[0] not in keys}


def pids(cluster: Cluster, name: str) -> dict[str, str]:
    """Return the process ids of services on a host."""
    shell = "for f in /run/deephaven/*.pid; do echo ${f##*/}=$(cat $f); done"
    return dict(line.split("=") for line in cluster.root(shell, host=name).splitlines())


def query_servers_of_the_controller(cluster: Cluster) -> str:
    """Return the log of the controller's last reload, which lists the query servers."""
    logs = "ls -t /var/log/deephaven/misc/PersistentQueryControllerTool.log.* | head -n 1"
    return cluster.root(f"cat $({logs})")


def stopped(cluster: Cluster, name: str) -> bool:
    """Return whether monit and all services of Deephaven are stopped on a host."""
    return cluster.root("systemctl is-active monit; pgrep -fc dhlib.daemon", host=name, check=False) == "inactive\n0\n"


def test_an_added_query_server_affects_only_services_that_must_know_it(installed: Cluster) -> None:
    before = {name: pids(installed, name) for name in ("h1", "h2", "h3")}
    done = edit(installed, {"hosts": {"query3": host(4, "query")}})
    assert steps_on_other_hosts(done, "query3") == QUERY
    assert {"query3-auth", "query3-roles", "query3-start"} <= set(done.touched)
    assert "h4.lab.internal" in query_servers_of_the_controller(installed)
    after = {name: pids(installed, name) for name in before}
    restarted = {service for service in before["h1"] if before["h1"][service] != after["h1"][service]}
    assert restarted == {"client_update_service.pid"}
    assert [after[name] for name in ("h2", "h3")] == [before[name] for name in ("h2", "h3")]


def test_a_query_server_is_removed_after_the_other_services_know_it_and_keeps_its_data(installed: Cluster) -> None:
    before = {name: pids(installed, name) for name in ("h2", "h3")}
    done = edit(installed, {"hosts": {"query3": None}})
    assert steps_on_other_hosts(done, "query3") == QUERY
    assert "h4.lab.internal" not in query_servers_of_the_controller(installed)
    assert stopped(installed, "h4")
    assert installed.root("rpm -q illumon-db && ls /etc/sysconfig/deephaven/auth", host="h4")
    assert {name: pids(installed, name) for name in before} == before
    assert done.output.index("infra-reload updated") < done.output.index("query3-host deleting")


def routing(*servers: str) -> str:
    """Return a routing document with YAML aliases, a merge and a comment, and a data import server on each host."""
    first = "# which server imports what\nanchors:\n  - &dis-host h1.lab.internal\n  - &rta-host h1.lab.internal\n"
    defaults = (
        "  - &defaults {tailerPort: 22021, storage: default}\nconfig:\n  storage: [{name: default, dbRoot: /db}]\n"
    )
    rows = [f"    db_dis_{n}:\n      <<: *defaults\n      host: {name}\n" for n, name in enumerate(servers)]
    return f"{first}{defaults}  dataImportServers:\n{''.join(rows)}"


def test_a_dis_server_is_added_with_the_stacks_own_routing(installed: Cluster) -> None:
    file = installed.stack.project / "routing.yml"
    file.write_text(routing("h1.lab.internal"))
    done = edit(installed, {"routing": {"file": "routing.yml"}})
    assert set(done.touched) == {"infra-routing", "infra-import-changes", "infra-restart"}
    file.write_text(routing("h1.lab.internal", "h5.lab.internal"))
    before = {name: pids(installed, name) for name in ("h2", "h3")}
    done = edit(installed, {"hosts": {"store": host(5, "dis")}})
    assert steps_on_other_hosts(done, "store") == DIS
    assert {name: pids(installed, name) for name in before} == before
    assert installed.root("cat /etc/sysconfig/illumon.d/resources/routing_service.yml") == file.read_text()


def test_a_dis_server_is_removed_in_two_updates(installed: Cluster) -> None:
    retired = edit(installed, {"hosts": {"store": {"retire": True}}})
    assert set(retired.touched) == {"infra-manifest"}
    (installed.stack.project / "routing.yml").write_text(routing("h1.lab.internal"))
    done = edit(installed, {"hosts": {"store": None}})
    assert steps_on_other_hosts(done, "store") == DIS
    assert stopped(installed, "h5")
    assert installed.has_no_changes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [", "invalid YAML in line"),
        ("config: {}", "config.dataImportServers has no server"),
        (routing("h2.lab.internal"), "host is 'h2.lab.internal', which lacks the role dis"),
    ],
)
def test_an_invalid_routing_document_is_refused(installed: Cluster, tmp_path: Path, text: str, message: str) -> None:
    copy = edited_copy(installed, tmp_path, {"routing": {"file": "invalid.yml"}})
    (tmp_path / "invalid.yml").write_text(text)
    done = copy.up()
    assert done.status != 0
    assert message in done.output
    assert done.touched == {}


def test_a_configuration_server_and_an_authentication_server_are_added(installed: Cluster) -> None:
    change = {
        "hosts": {"second": host(6)},
        "config_servers": ["infra", "second"],
        "auth_servers": ["infra", "second"],
    }
    done = edit(installed, change)
    assert steps_on_other_hosts(done, "second", "infra") == set()
    assert {"second-etcd-config", "second-auth", "second-start-config-server", "second-manifest"} <= set(done.touched)


def test_an_update_without_edits_does_nothing(installed: Cluster) -> None:
    assert installed.converged()


@pytest.mark.long
def test_ten_query_servers_are_installed_in_parallel(installed: Cluster) -> None:
    installed.lab.up(TEN + 6)
    begin = float(installed.root("date +%s.%N"))
    keys = [f"more{number}" for number in range(7, TEN + 7)]
    hosts = {f"more{number}": host(number, "query") for number in range(7, TEN + 7)}
    done = edit(installed, {"hosts": hosts})
    assert steps_on_other_hosts(done, *keys) - {"second-manifest"} == QUERY
    runs = steps_since(installed, begin)
    # no host waits for another before its product, which waits until services have stopped on all hosts
    starts = [min(run.begin for step, run in runs.items() if step.startswith(f"{key}-")) for key in keys]
    assert max(starts) < min(runs[f"{key}-stop"].end for key in keys)
    packages = [runs[f"{key}-packages"] for key in keys]
    assert any(first.begin < second.begin < first.end for first in packages for second in packages)
    edit(installed, {"hosts": dict.fromkeys(keys)})

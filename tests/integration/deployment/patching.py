"""Helpers of the tests of patches: data of a site, the stack with the other build, and checks after each scenario."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from components.release.spec import DeploymentSpec
from lab.hosts.process import wait_until
from tests.support import etcd
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy
from tests.support.stacks import services_ok
from tests.unit.conftest import make_spec

BUILDS = ("008", "012")
PATCH = {"release": {"build": "012", "rpm": {"file": "lab/.build/illumon-db-1.20200121.012-1-1.rpm"}}}
QUERY_STEPS = ("rpm", "stop", "product", "connector", "start", "services-ok")
# The steps of a patch of the stack `production`: 22 of its 80 resources.
STEPS = {
    *(f"{host}-{step}" for host in ("query1", "query2") for step in QUERY_STEPS),
    *(f"infra-{step}" for step in (*QUERY_STEPS, "start-config-server", "start-auth-server", "verify", "manifest")),
}
NEVER_AGAIN = ("iris_keygen.sh", "config_generator.sh", "admin_init.sh", "dbacl_init.sh", "config_import.sh")
SITE = "/etc/sysconfig/illumon.d"
SITE_DIRECTORIES = ("java_lib", "override", "hotfixes", "resources", "schema")
VALUE = "written before the patch"
TABLE = f"""mysql dbacl_iris -e "create table site (note text); insert into site values ('{VALUE}')\""""  # noqa: S608
MANAGED_SECONDS = 60  # from the start of a host until all its services are OK
LOGS = "var/log/deephaven-install"
RECEIPTS = "var/lib/deephaven-install/receipts"


@dataclass(frozen=True)
class StepRun:
    """The times of a step's run on its host, in seconds of the clock that all lab hosts share."""

    begin: float
    end: float


DOWNGRADE = {
    "release": {"build": "008", "rpm": {"file": "lab/.build/illumon-db-1.20200121.008-1-1.rpm"}},
    "allow": [{"refusal": "downgrade", "reason": "the patch was bad"}],
}


@dataclass(frozen=True)
class Baseline:
    """A cluster with data of its site before a patch, and the number of runs of each vendor script on each host."""

    spec: DeploymentSpec
    calls: Mapping[str, Counter[str]]


def add_site_data(cluster: Cluster) -> Baseline:
    """Create data like that of operators and users on a cluster of the previous build: files, an etcd key, a table."""
    spec = make_spec(cluster.configuration())
    for host in cluster.hosts().values():
        for directory in SITE_DIRECTORIES:
            file = f"{SITE}/{directory}/of-the-site.txt"
            cluster.root(
                f"echo '{directory} of {host}' >{file}; chmod 640 {file}; chown dbquery:dbmerge {file}", host=host
            )
    etcd.put(cluster, VALUE)
    cluster.root(TABLE)
    return Baseline(spec, calls(cluster))


def with_patch(cluster: Cluster, directory: Path, change: Mapping[str, Any] = PATCH) -> Cluster:
    """Return the stack with the other build, in a checkout of its own."""
    return edited_copy(cluster, directory, change)


def calls(cluster: Cluster) -> Mapping[str, Counter[str]]:
    """Return the number of runs of each vendor script on each host."""
    return {host: cluster.calls(host) for host in cluster.hosts().values()}


def builds(cluster: Cluster) -> list[str]:
    """Return the installed build of each host, or several in one string."""
    query = "rpm -q --qf '%{VERSION} ' illumon-db"
    return [cluster.root(query, host=host).strip().removeprefix("1.20200121.") for host in cluster.hosts().values()]


def assert_intact(cluster: Cluster, baseline: Baseline, *, build: str = "012") -> None:
    """Assert the state after each scenario: one build, services OK, no lost data, no changes in a preview."""
    assert builds(cluster) == [build] * len(cluster.hosts())
    assert wait_until(lambda: services_ok(cluster), MANAGED_SECONDS)
    etcd.check(cluster, baseline.spec, VALUE)
    assert cluster.root("mysql --batch -N dbacl_iris -e 'select note from site'").strip() == VALUE
    assert calls(cluster) == baseline.calls, "a vendor script was run"
    assert {script: sum(calls[script] for calls in baseline.calls.values()) for script in NEVER_AGAIN} == dict.fromkeys(
        NEVER_AGAIN, 1
    )
    for host in cluster.hosts().values():
        assert_files(cluster, host, build)
    assert cluster.has_no_changes()


def assert_files(cluster: Cluster, host: str, build: str) -> None:
    """Assert that the tree of a build has the connector and the site's files with their content, mode and owner."""
    tree = f"/etc/sysconfig/deephaven/illumon.d.1.20200121.{build}"
    assert cluster.root(f"readlink -f {SITE}", host=host).strip() == tree
    for directory in SITE_DIRECTORIES:
        file = f"{tree}/{directory}/of-the-site.txt"
        assert cluster.root(f"cat {file}", host=host) == f"{directory} of {host}\n"
        assert cluster.root(f"stat -c %a:%U:%G {file}", host=host) == "640:dbquery:dbmerge\n"
    jar = cluster.root(f"sha256sum <{tree}/java_lib/mysql-connector-java.jar", host=host)
    assert jar == cluster.root("sha256sum </usr/share/java/mysql-connector-java.jar", host=host)


def steps_since(cluster: Cluster, since: float) -> dict[str, StepRun]:
    """Return the steps that ran on the hosts since a time, from the hosts' logs and receipts."""
    runs = {}
    for key, host in cluster.hosts().items():
        upper = cluster.lab.upper(host)
        for log in upper.glob(f"{LOGS}/*.log"):
            if log.stat().st_mtime >= since:
                receipt = upper / RECEIPTS / f"{log.stem}.json"
                end = receipt.stat().st_mtime if receipt.exists() else log.stat().st_mtime
                seconds = json.loads(receipt.read_text())["seconds"] if receipt.exists() else 0.0
                runs[f"{key}-{log.stem}"] = StepRun(end - seconds, end)
    return runs


def service_starts(cluster: Cluster, build: str) -> dict[str, float]:
    """Return when each service of a build last logged its start, by host and log directory."""
    starts = {}
    pattern = f"started build 1.20200121.{build}"
    for key, host in cluster.hosts().items():
        lines = cluster.root(f"grep -H '{pattern}' /var/log/deephaven/*/*.current || true", host=host).splitlines()
        for line in lines:
            path, _, text = line.partition(":")
            starts[f"{key} {path.split('/')[-2]}"] = datetime.fromisoformat(text[1 : text.index("]")]).timestamp()
    return starts


def processes(cluster: Cluster, hosts: Sequence[str] = ("h1", "h2", "h3")) -> dict[str, str]:
    """Return the process ids of hosts' services, etcd, database and monit, by host and name."""
    return {f"{host} {name}": pid for host in hosts for name, pid in cluster.pids(host).items()}

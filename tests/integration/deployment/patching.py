"""What tests of patches share: a add_site_data cluster, the stack with the other build, what must hold afterwards."""

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
# What a patch of the stack `production` runs: 22 of its 80 resources.
STEPS = {
    *(f"{host}-{step}" for host in ("query1", "query2") for step in QUERY_STEPS),
    *(f"infra-{step}" for step in (*QUERY_STEPS, "start-config-server", "start-auth-server", "verify", "manifest")),
}
NEVER_AGAIN = ("iris_keygen.sh", "config_generator.sh", "admin_init.sh", "dbacl_init.sh", "config_import.sh")
SITE = "/etc/sysconfig/illumon.d"
PERSISTING = ("java_lib", "override", "hotfixes", "resources", "schema")
VALUE = "written before the patch"
TABLE = f"""mysql dbacl_iris -e "create table site (said text); insert into site values ('{VALUE}')\""""  # noqa: S608
MANAGED_SECONDS = 60  # until monit has all OK after a start of the host
LOGS = "var/log/deephaven-install"
RECEIPTS = "var/lib/deephaven-install/receipts"


@dataclass(frozen=True)
class Ran:
    """When a step ran on its host, in seconds of the clock that all lab hosts share."""

    begun: float
    ended: float


# What goes back is allowed by name, with a reason that previews show.
DOWNGRADE = {
    "release": {"build": "008", "rpm": {"file": "lab/.build/illumon-db-1.20200121.008-1-1.rpm"}},
    "allow": [{"refusal": "downgrade", "reason": "the patch was no good"}],
}


@dataclass(frozen=True)
class Baseline:
    """A add_site_data cluster: its site, and how often each of the vendor's scripts was run on each host."""

    spec: DeploymentSpec
    calls: Mapping[str, Counter[str]]


def add_site_data(cluster: Cluster) -> Baseline:
    """Leave on a cluster of the former build what an operator and users would: files, an entry in etcd, a table."""
    spec = make_spec(cluster.configuration())
    for host in cluster.hosts().values():
        for directory in PERSISTING:
            file = f"{SITE}/{directory}/of-the-site.txt"
            cluster.root(
                f"echo '{directory} of {host}' >{file}; chmod 640 {file}; chown dbquery:dbmerge {file}", host=host
            )
    etcd.put(cluster, VALUE)
    cluster.root(TABLE)
    return Baseline(spec, calls(cluster))


def patched(cluster: Cluster, directory: Path, change: Mapping[str, Any] = PATCH) -> Cluster:
    """Return the stack with the other build, in a checkout of its own: what the operator's edit is."""
    return edited_copy(cluster, directory, change)


def calls(cluster: Cluster) -> Mapping[str, Counter[str]]:
    """Return how often each of the vendor's scripts was run on each host."""
    return {host: cluster.calls(host) for host in cluster.hosts().values()}


def builds(cluster: Cluster) -> list[str]:
    """Return the build that each host has, as rpm says; two in one text where there are two."""
    asked = "rpm -q --qf '%{VERSION} ' illumon-db"
    return [cluster.root(asked, host=host).strip().removeprefix("1.20200121.") for host in cluster.hosts().values()]


def assert_intact(cluster: Cluster, before: Baseline, *, build: str = "012") -> None:
    """Hold all that holds after any scenario: one build, everything OK, nothing lost, nothing left to do."""
    assert builds(cluster) == [build] * len(cluster.hosts())
    assert wait_until(lambda: services_ok(cluster), MANAGED_SECONDS)
    etcd.check(cluster, before.spec, VALUE)
    assert cluster.root("mysql --batch -N dbacl_iris -e 'select said from site'").strip() == VALUE
    assert calls(cluster) == before.calls, "a vendor's script was run"
    assert {script: sum(calls[script] for calls in before.calls.values()) for script in NEVER_AGAIN} == dict.fromkeys(
        NEVER_AGAIN, 1
    )
    for host in cluster.hosts().values():
        check_files(cluster, host, build)
    assert cluster.has_no_changes()


def check_files(cluster: Cluster, host: str, build: str) -> None:
    """Hold that the new tree has the site's files, as they were, and the connector."""
    tree = f"/etc/sysconfig/deephaven/illumon.d.1.20200121.{build}"
    assert cluster.root(f"readlink -f {SITE}", host=host).strip() == tree
    for directory in PERSISTING:
        file = f"{tree}/{directory}/of-the-site.txt"
        assert cluster.root(f"cat {file}", host=host) == f"{directory} of {host}\n"
        assert cluster.root(f"stat -c %a:%U:%G {file}", host=host) == "640:dbquery:dbmerge\n"
    jar = cluster.root(f"sha256sum <{tree}/java_lib/mysql-connector-java.jar", host=host)
    assert jar == cluster.root("sha256sum </usr/share/java/mysql-connector-java.jar", host=host)


def ran_since(cluster: Cluster, when: float) -> dict[str, Ran]:
    """Return the steps that ran on the hosts since a time, by the hosts' own logs and receipts."""
    found = {}
    for key, host in cluster.hosts().items():
        upper = cluster.lab.upper(host)
        for log in upper.glob(f"{LOGS}/*.log"):
            if log.stat().st_mtime >= when:
                receipt = upper / RECEIPTS / f"{log.stem}.json"
                ended = receipt.stat().st_mtime if receipt.exists() else log.stat().st_mtime
                took = json.loads(receipt.read_text())["seconds"] if receipt.exists() else 0.0
                found[f"{key}-{log.stem}"] = Ran(ended - took, ended)
    return found


def started(cluster: Cluster, build: str) -> dict[str, float]:
    """Return when each service of a build last said that it had started, as `host service-directory`."""
    found = {}
    pattern = f"started build 1.20200121.{build}"
    for key, host in cluster.hosts().items():
        said = cluster.root(f"grep -H '{pattern}' /var/log/deephaven/*/*.current || true", host=host)
        for line in said.splitlines():
            path, _, text = line.partition(":")
            found[f"{key} {path.split('/')[-2]}"] = datetime.fromisoformat(text[1 : text.index("]")]).timestamp()
    return found


def processes(cluster: Cluster, hosts: Sequence[str] = ("h1", "h2", "h3")) -> dict[str, str]:
    """Return the processes of hosts' services, etcd, database and monit, by host and name."""
    return {f"{host} {name}": pid for host in hosts for name, pid in cluster.pids(host).items()}

"""Drift on a running cluster: the preview shows the steps that repair it and their reasons, and the update repairs it.

Each damage occurs twice, because the second one must be detected although the step has already been repaired once.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from lab.hosts.process import wait_until
from lab.stages import PROJECT
from tests.support.cluster import Cluster

pytestmark = pytest.mark.lab
STACK = "production"
BUILD = ("stop", "rpm", "product", "connector", "start")
OTHER = PROJECT / "lab/.build/illumon-db-1.20200121.012-1-1.rpm"
SITE = "/etc/sysconfig/illumon.d"
AUTH = "/etc/sysconfig/deephaven/auth"


@dataclass(frozen=True)
class Damage:
    """Damage to a host, the steps that repair it, and a part of their reason.

    `command` causes the damage and `check` succeeds after the repair; both are shell that runs as root.
    """

    host: str
    command: str
    steps: tuple[str, ...]
    reason: str
    check: str


def stop(service: str) -> str:
    """Return shell that stops one service or all, and waits until monit shows it."""
    row = "" if service == "all" else f"{service} *"
    running = f"monit -B summary | grep -q '{row}OK *Process'"
    return f'monit stop {service}; timeout 20 sh -c "while {running}; do sleep 0.2; done"'


def is_ok(service: str) -> str:
    """Return shell that succeeds if a service is OK."""
    return f"monit -B summary | grep -q '{service} *OK'"


CASES = {
    "endpoints file removed": Damage(
        "infra",
        f"rm {SITE}/resources/iris-endpoints.prop",
        ("endpoints",),
        "was removed since",
        f"test -s {SITE}/resources/iris-endpoints.prop",
    ),
    "client settings changed": Damage(
        "infra",
        f"echo elsewhere >{SITE}/dh-config/clients/single/host",
        ("config-server",),
        "single/host changed since",
        f"grep -qx h1.lab.internal {SITE}/dh-config/clients/single/host",
    ),
    "keys changed on another host": Damage(
        "query1",
        f"echo more >>{AUTH}/truststore-iris.pem",
        ("auth",),
        "truststore-iris.pem changed since",
        f"! grep -qx more {AUTH}/truststore-iris.pem",
    ),
    "keys lost on their origin host": Damage(
        "infra",
        f"rm {AUTH}/truststore-iris.pem",
        ("keygen",),
        "truststore-iris.pem was removed since",
        f"grep -q BEGIN {AUTH}/truststore-iris.pem",
    ),
    "connector removed": Damage(
        "query2",
        f"rm {SITE}/java_lib/mysql-connector-java*",
        ("connector",),
        "was removed since",
        f"ls {SITE}/java_lib/mysql-connector-java*",
    ),
    "configuration of an etcd member changed": Damage(
        "query1",
        "echo '# other' >>/etc/etcd/dh/latest/config.yaml",
        ("etcd-config",),
        "config.yaml changed since",
        "! grep -q other /etc/etcd/dh/latest/config.yaml",
    ),
    "configuration of the first etcd member removed": Damage(
        "infra",
        "rm /etc/etcd/dh/latest/config.yaml",
        ("etcd-config",),
        "config.yaml was removed since",
        "grep -q initial-cluster /etc/etcd/dh/latest/config.yaml",
    ),
    "service stopped": Damage(
        "query1",
        stop("db_query_server"),
        ("start",),
        "db_query_server is Not monitored since",
        is_ok("db_query_server"),
    ),
    "configuration server stopped": Damage(
        "infra",
        stop("configuration_server"),
        ("start-config-server",),
        "configuration_server is Not monitored since",
        is_ok("configuration_server"),
    ),
    "service unknown to monit": Damage(
        "query2",
        f"rm {SITE}/monit/*tailer1.conf && monit reload"
        " && timeout 20 sh -c 'while monit -B summary | grep -q tailer1; do sleep 0.2; done'",
        ("roles", "start"),
        "monit lacks tailer1 since",
        is_ok("tailer1"),
    ),
    "etcd disabled": Damage(
        "query2",
        "systemctl disable -q dh-etcd",
        ("etcd-enable",),
        "unit dh-etcd is disabled since",
        "systemctl is-enabled -q dh-etcd && systemctl is-active -q dh-etcd",
    ),
    "etcd stopped": Damage(
        "query1",
        "systemctl stop dh-etcd",
        ("etcd-enable",),
        "unit dh-etcd is inactive since",
        "systemctl is-active -q dh-etcd",
    ),
    "database not started at boot": Damage(
        "infra",
        "systemctl disable -q mariadb",
        ("database",),
        "unit mariadb is disabled since",
        "systemctl is-enabled -q mariadb",
    ),
    "monit stopped": Damage(
        "query2",
        "systemctl stop monit",
        ("monit",),
        "unit monit is inactive since",
        "systemctl is-active -q monit",
    ),
    "monit's password changed": Damage(
        "query1",
        "sed -i s/admin:/admin:x/ /etc/monit.d/deephaven-http",
        ("monit",),
        "deephaven-http changed since",
        "! grep -q admin:x /etc/monit.d/deephaven-http",
    ),
    "package removed": Damage(
        "query1",
        "rpm -e --nodeps mysql-connector-java",
        ("packages",),
        "package mysql-connector-java was removed since",
        "rpm -q mysql-connector-java",
    ),
    "storage not mounted": Damage(
        "query2",
        "umount /db/Systems",
        ("mounts",),
        "/db/Systems is not mounted since",
        "mountpoint -q /db/Systems",
    ),
    "certificate changed by hand": Damage(
        "infra",
        "echo more >>/etc/deephaven/cus-tls/tls.crt",
        ("certificate",),
        "tls.crt changed since",
        "! grep -qx more /etc/deephaven/cus-tls/tls.crt",
    ),
    "manifest changed": Damage(
        "infra",
        "sed -i 's/key_generation/generation/' /var/lib/deephaven-install/cluster.json",
        ("manifest",),
        "cluster.json changed since",
        "grep -q key_generation /var/lib/deephaven-install/cluster.json",
    ),
    "upload directory removed": Damage(
        "query1",
        "rm -rf /var/lib/deephaven-upload",
        ("host",),
        "/var/lib/deephaven-upload is not private to the ssh user since",
        "test $(stat -c %U:%a /var/lib/deephaven-upload) = centos:700",
    ),
    "another build of the product": Damage(
        "query2",
        f"{stop('all')}; rpm -U --nodeps /root/other.rpm",
        BUILD,
        "the product is 1.20200121.012-1, 1.20200121.008-1 is declared",
        f"test $(rpm -q --qf '%{{VERSION}}' illumon-db) = 1.20200121.008 && {is_ok('db_query_server')}",
    ),
    "product removed": Damage(
        "query1",
        f"{stop('all')}; rpm -e --nodeps illumon-db",
        BUILD,
        "the product is removed",
        f"rpm -q illumon-db && {is_ok('db_query_server')}",
    ),
}


@pytest.fixture(scope="module")
def cluster(installed: Cluster) -> Cluster:
    """Return the installed cluster, with an RPM of another build on h3."""
    shutil.copy(OTHER, installed.lab.root("h3") / "root/other.rpm")
    return installed


# Each round has several damages at once, on different hosts or steps, so that each damage has its own resources.
ROUNDS = (
    (
        *("endpoints file removed", "certificate changed by hand"),
        *("keys changed on another host", "upload directory removed"),
        *("connector removed", "storage not mounted"),
    ),
    (
        *("client settings changed", "database not started at boot"),
        *("configuration of an etcd member changed", "service stopped"),
        "etcd disabled",
    ),
    (
        *("keys lost on their origin host", "manifest changed"),
        *("monit's password changed", "package removed"),
        "service unknown to monit",
    ),
    ("configuration server stopped", "etcd stopped", "monit stopped"),
    ("configuration of the first etcd member removed", "product removed", "another build of the product"),
)


@pytest.mark.parametrize("names", ROUNDS, ids=range(1, len(ROUNDS) + 1))
def test_damage_is_shown_and_repaired_twice(cluster: Cluster, names: tuple[str, ...]) -> None:
    cases = [CASES[name] for name in names]
    expected = {f"{case.host}-{step}" for case in cases for step in case.steps}

    damage(cluster, cases)
    preview = cluster.successful_preview()
    assert set(preview.touched) == expected
    for case in cases:
        reasons = [preview.reason(f"{case.host}-{step}") for step in case.steps if step != "rpm"]
        assert [reason for reason in reasons if case.reason not in reason] == []
    for repeated in (False, True):
        if repeated:
            damage(cluster, cases)
        update = cluster.deploy()
        assert set(update.touched) == expected
        assert [case for case in cases if not _repaired(cluster, case)] == []


def test_every_damage_is_in_one_round_and_has_its_own_steps_there() -> None:
    assert sorted(name for names in ROUNDS for name in names) == sorted(CASES)
    steps = [[(CASES[name].host, step) for name in names for step in CASES[name].steps] for names in ROUNDS]
    assert [names for names in steps if len({*names}) != len(names)] == []


def test_an_update_after_all_repairs_does_nothing(cluster: Cluster) -> None:
    assert cluster.converged()


def damage(cluster: Cluster, cases: Sequence[Damage]) -> None:
    """Damage the hosts."""
    for case in cases:
        cluster.root(case.command, host=cluster.hosts()[case.host])


def _repaired(cluster: Cluster, case: Damage) -> bool:
    """Return whether the check of a damage succeeds within some seconds."""
    host = cluster.hosts()[case.host]
    check = partial(cluster.lab.shell, host, case.check, check=False)
    return wait_until(lambda: check().returncode == 0, 20)

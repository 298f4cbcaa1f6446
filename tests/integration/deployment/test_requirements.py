"""Unmet requirements of hosts are reported in one table: as errors that stop a production cluster, else as warnings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.hosts.process import wait_until
from tests.support.cluster import QUIET, Cluster, operations
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
# Shell that breaks each host before the installation; it runs as root.
BROKEN = {
    "h1": """
        install -m 755 /dev/stdin /usr/local/bin/java <<<$'#!/bin/sh\necho openjdk version \\\\"11.0.2\\\\" >&2'
        install -m 755 /dev/stdin /usr/local/sbin/getenforce <<<$'#!/bin/sh\necho Enforcing'
        nft add table ip cut
        nft add chain ip cut incoming '{ type filter hook input priority 0; }'
        nft add rule ip cut incoming ip saddr 10.77.0.12 tcp dport 2379 drop
        useradd -r -u 880 dbquery
    """,
    "h2": """
        sed -i 's/^10.77.0.13 .*/10.77.0.99 h3.lab.internal/' /etc/hosts
        useradd -r -u 881 dbquery
        systemd-run -q --unit=other nc -lk 2380
        mkdir -p /db/Systems
    """,
    "h3": """
        cat >/etc/machine-id <<<"$MACHINE"
        printf '[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/firewalld.service
        systemctl daemon-reload; systemctl start firewalld
        mkdir -p /db; mount -t tmpfs -o size=600m small /db
    """,
}
ROWS = {
    "java": ("infra", "11.0.2"),
    "selinux": ("infra", "Enforcing"),
    "reachable_ports": ("query1", "infra:2379 silent"),
    "names": ("query1", "h3.lab.internal is 10.77.0.99, 10.77.0.13 is unknown"),
    "free_ports": ("query1", "2380 (nc)"),
    "machine_id": ("query2", ", same as query1"),
    "firewall": ("query2", "firewalld is active"),
    "storage": ("query2", "600 MiB free for /db/Systems"),
    "storage_kind": ("query2", "tmpfs at /db/Systems"),
    "shared_storage": ("query1", "overlay h2 at /"),
    "accounts": ("query1", "dbquery is 881:"),
    "memory": ("infra", "GiB"),
    "open_files": ("query2", "20000"),
}
WARNINGS = {"selinux", "firewall", "open_files"}


@dataclass
class Run:
    """One command: its exit status, its output, and the number of resources with another operation than same."""

    status: int
    output: str
    resources: int

    def row(self, check: str, host: str) -> tuple[str, str]:
        """Return the outcome and the rest of a check's row for a host."""
        match = re.search(rf"^ *(\w+) +{host} \(\S+\) +{check} +(.*)$", self.output, re.MULTILINE)
        assert match, f"no {check} of {host}:\n{self.output}"
        return match[1], match[2]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return the production stack without waivers, mounts and accounts, on three broken hosts."""
    with temporary_lab(lab_name("reqs")) as lab:
        cluster = bare_stack(lab, "production")
        machine_id = lab.ssh("h2", "cat", "/etc/machine-id").stdout.strip()
        for host, text in BROKEN.items():
            lab.shell(host, f"set -e\nMACHINE={machine_id}\n{text}")
        change = {"requirements": None, "mounts": None, "accounts": None}
        yield edited_copy(cluster, tmp_path_factory.mktemp("requirements"), change)


def run(copy: Cluster, events: Path, *command: str, **env: str) -> Run:
    """Run a command and count the resources in the engine's events."""
    variables = {"PULUMI_DEBUG_COMMANDS": "true", **env}
    done = copy.stack.pulumi(*command, "--event-log", str(events), check=False, env=variables)
    resources = sum(count for operation, count in operations(events).items() if operation != "same")
    return Run(done.returncode, done.stdout + done.stderr, resources)


@pytest.fixture(scope="module")
def refused(copy: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a production update of the broken hosts."""
    return run(copy, tmp_path_factory.mktemp("events") / "up", "up", *QUIET)


@pytest.mark.parametrize("check", ROWS)
def test_a_production_update_reports_each_finding(refused: Run, check: str) -> None:
    host, actual = ROWS[check]
    outcome, rest = refused.row(check, host)
    assert outcome == ("warning" if check in WARNINGS else "error")
    assert actual in rest


def test_a_production_update_is_refused_before_any_resource(copy: Cluster, refused: Run) -> None:
    assert refused.status != 0
    assert refused.resources <= 1  # the stack itself
    assert "Traceback" not in refused.output
    assert "preflight checks of the hosts (production cluster):" in refused.output
    for host in ("h1", "h2", "h3"):
        assert not (copy.lab.upper(host) / "var/lib/deephaven-install").exists()
    types = {resource["type"] for resource in copy.state()["deployment"].get("resources", [])}
    assert types <= {"pulumi:pulumi:Stack", "pulumi:providers:pulumi"}


def test_a_production_preview_is_refused_with_the_same_findings(copy: Cluster, refused: Run, tmp_path: Path) -> None:
    preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    assert preview.status != 0
    assert preview.row("java", "infra") == refused.row("java", "infra")


def test_another_host_key_is_refused_before_any_resource(copy: Cluster, tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    other_key = (copy.lab.state / "keys/id_ed25519.pub").read_text().split()
    lines = (copy.lab.state / "known_hosts").read_text().splitlines()
    lines = [line for line in lines if not line.startswith("h2.")]
    known_hosts.write_text("\n".join([*lines, f"h2.lab.internal {other_key[0]} {other_key[1]}", ""]))
    update = run(copy, tmp_path / "events", "up", *QUIET, DEEPHAVEN_KNOWN_HOSTS=str(known_hosts))
    assert update.status != 0
    assert update.resources <= 1
    assert "query1 (h2.lab.internal): at h2.lab.internal port 22: host key mismatch" in update.output
    assert len(set(re.findall(r"SHA256:[A-Za-z0-9+/]{43}", update.output))) == 2


def test_a_sudo_that_asks_for_a_password_is_refused_before_any_resource(copy: Cluster, tmp_path: Path) -> None:
    file = copy.lab.root("h2") / "etc/sudoers.d/wheel"
    before = file.read_text()
    file.write_text(before.replace("NOPASSWD:", ""))
    try:
        update = run(copy, tmp_path / "events", "up", *QUIET)
    finally:
        file.write_text(before)
    assert update.status != 0
    assert update.resources <= 1
    assert "query1 (h2.lab.internal): at h2.lab.internal port 22: sudo asks centos for a password" in update.output


@pytest.fixture
def as_test_cluster(copy: Cluster) -> Iterator[dict[str, Any]]:
    """Return the configuration as one of a test cluster with a waiver, and restore the stack file afterwards."""
    before = copy.configuration()
    waiver = {"accounts": {"ignore": True, "reason": "not yet"}}
    yield changed(before, {"environment": "test", "requirements": waiver})
    write_config(copy, before)


def test_a_preview_of_a_test_cluster_only_warns(copy: Cluster, as_test_cluster: dict[str, Any], tmp_path: Path) -> None:
    write_config(copy, as_test_cluster)
    preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    assert preview.status == 0, preview.output
    assert {preview.row(check, host)[0] for check, (host, _) in ROWS.items() if check != "accounts"} == {"warning"}
    assert preview.row("accounts", "query1") == ("accepted", preview.row("accounts", "query1")[1])
    assert preview.row("accounts", "query1")[1].endswith("reason: not yet")
    assert preview.resources > 50


def test_an_unreachable_host_is_reported_and_does_not_fail_a_preview(
    copy: Cluster, as_test_cluster: dict[str, Any], tmp_path: Path
) -> None:
    write_config(copy, as_test_cluster)
    copy.lab.kill("h3")
    try:
        preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    finally:
        copy.lab.start("h3")
    assert preview.status == 0, preview.output
    assert "query2 (h3.lab.internal): at h3.lab.internal port 22: " in preview.output
    assert "so its facts are unknown; check that the host is up" in preview.output


def test_another_build_is_refused_while_a_host_is_unreachable(
    copy: Cluster, as_test_cluster: dict[str, Any], tmp_path: Path
) -> None:
    write_config(copy, as_test_cluster)
    older_build = '[ "$1" = -q ] && echo 1.20200121.007-1'
    copy.root(f"install -m 755 /dev/stdin /usr/local/sbin/rpm <<<$'#!/bin/sh\\n{older_build}'")
    copy.lab.kill("h3")
    try:
        preview = run(copy, tmp_path / "preview", "preview", "--suppress-progress")
        update = run(copy, tmp_path / "up", "up", *QUIET)
    finally:
        copy.lab.start("h3")
        copy.root("rm /usr/local/sbin/rpm")
    assert preview.status == 0, preview.output
    assert update.status != 0
    assert update.resources <= 1
    line = (
        "query2 (h3.lab.internal): cannot be reached, while infra has 1.20200121.007-1 and 1.20200121.008-1 is declared"
    )
    assert line in update.output


def test_with_facts_off_no_host_is_read_and_no_finding_reported(copy: Cluster, tmp_path: Path) -> None:
    before = copy.configuration()
    write_config(copy, changed(before, {"facts": "off"}))
    copy.lab.freeze("h1", "h2", "h3")
    try:
        preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    finally:
        copy.lab.thaw("h1", "h2", "h3")
        write_config(copy, before)
    assert preview.status == 0, preview.output
    assert "preflight checks" not in preview.output
    assert wait_until(lambda: copy.lab.ssh("h1", "true", check=False).returncode == 0, 10)

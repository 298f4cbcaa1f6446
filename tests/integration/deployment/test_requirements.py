"""What hosts lack is told in one table: in production it stops everything before the first resource, else it warns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.hosts.process import wait_until
from tests.support.cluster import QUIET, Cluster, operations
from tests.support.stack_file import edited_copy, write_config
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
# What is wrong with each host, as root there; nothing of it is the product's.
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
ADVICE = {"selinux", "firewall", "open_files"}


@dataclass
class Told:
    """One run: its exit status, what it printed, and how many resources the engine did something with."""

    status: int
    said: str
    resources: int

    def row(self, check: str, host: str) -> tuple[str, str]:
        """Return severity and the rest of a check's row for a host."""
        found = re.search(rf"^ *(\w+) +{host} \(\S+\) +{check} +(.*)$", self.output, re.MULTILINE)
        assert found, f"no {check} of {host}:\n{self.output}"
        return found[1], found[2]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return the production stack without what it accepts, mounts and fixes, on three hosts that lack much."""
    with temporary_lab(lab_name("reqs")) as lab:
        cluster = bare_stack(lab, "production")
        other = lab.ssh("h2", "cat", "/etc/machine-id").stdout.strip()
        for host, text in BROKEN.items():
            lab.shell(host, f"set -e\nMACHINE={other}\n{text}")
        change = {"requirements": None, "mounts": None, "accounts": None}
        yield edited_copy(cluster, tmp_path_factory.mktemp("requirements"), change)


def run(copy: Cluster, events: Path, *command: str, **env: str) -> Told:
    """Run a command to its end and count the resources in the engine's events."""
    log = {"PULUMI_DEBUG_COMMANDS": "true", **env}
    done = copy.stack.pulumi(*command, "--event-log", str(events), check=False, env=log)
    acted = {kind: count for kind, count in operations(events).items() if kind != "same"}
    return Told(done.returncode, done.stdout + done.stderr, sum(acted.values()))


@pytest.fixture(scope="module")
def refused(copy: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return what a production update says of these hosts."""
    return run(copy, tmp_path_factory.mktemp("events") / "up", "up", *QUIET)


@pytest.mark.parametrize("check", ROWS)
def test_a_production_update_tells(refused: Told, check: str) -> None:
    host, found = ROWS[check]
    outcome, rest = refused.row(check, host)
    assert outcome == ("warning" if check in ADVICE else "error")
    assert found in rest


def test_a_production_update_is_refused_before_anything(copy: Cluster, refused: Told) -> None:
    assert refused.status != 0
    assert refused.resources <= 1  # the stack itself
    assert "Traceback" not in refused.output
    assert "preflight checks of the hosts (production cluster):" in refused.output
    for host in ("h1", "h2", "h3"):
        assert not (copy.lab.upper(host) / "var/lib/deephaven-install").exists()
    kept = {resource["type"] for resource in copy.state()["deployment"].get("resources", [])}
    assert kept <= {"pulumi:pulumi:Stack", "pulumi:providers:pulumi"}


def test_a_preview_is_refused_alike(copy: Cluster, refused: Told, tmp_path: Path) -> None:
    preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    assert preview.status != 0
    assert preview.row("java", "infra") == refused.row("java", "infra")


def test_another_host_key_is_refused_before_anything(copy: Cluster, tmp_path: Path) -> None:
    known = tmp_path / "known"
    other = (copy.lab.state / "keys/id_ed25519.pub").read_text().split()
    lines = (copy.lab.state / "known_hosts").read_text().splitlines()
    lines = [line for line in lines if not line.startswith("h2.")]
    known.write_text("\n".join([*lines, f"h2.lab.internal {other[0]} {other[1]}", ""]))
    update = run(copy, tmp_path / "events", "up", *QUIET, DEEPHAVEN_KNOWN_HOSTS=str(known))
    assert update.status != 0
    assert update.resources <= 1
    assert "query1 (h2.lab.internal): at h2.lab.internal port 22: host key mismatch" in update.output
    assert len(set(re.findall(r"SHA256:[A-Za-z0-9+/]{43}", update.output))) == 2


def test_a_sudo_that_asks_for_a_password_is_refused_before_anything(copy: Cluster, tmp_path: Path) -> None:
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
def tried(copy: Cluster) -> Iterator[dict[str, Any]]:
    """Make the stack one of a test cluster, which shall have equal ids; return its configuration."""
    before = copy.configuration()
    ids = {"accounts": {"ignore": True, "reason": "not yet"}}
    yield changed(before, {"environment": "test", "requirements": ids})
    write_config(copy, before)


def test_a_test_cluster_is_warned(copy: Cluster, tried: dict[str, Any], tmp_path: Path) -> None:
    write_config(copy, tried)
    preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    assert preview.status == 0, preview.output
    assert {preview.row(check, host)[0] for check, (host, _) in ROWS.items() if check != "accounts"} == {"warning"}
    assert preview.row("accounts", "query1") == ("accepted", preview.row("accounts", "query1")[1])
    assert preview.row("accounts", "query1")[1].endswith("reason: not yet")
    assert preview.resources > 50


def test_a_host_that_is_off_is_told_and_fails_no_preview(copy: Cluster, tried: dict[str, Any], tmp_path: Path) -> None:
    write_config(copy, tried)
    copy.lab.kill("h3")
    try:
        preview = run(copy, tmp_path / "events", "preview", "--suppress-progress")
    finally:
        copy.lab.start("h3")
    assert preview.status == 0, preview.output
    assert "query2 (h3.lab.internal): at h3.lab.internal port 22: " in preview.output
    assert "so its facts are unknown; check that the host is up" in preview.output


def test_builds_are_not_mixed_while_a_host_is_off(copy: Cluster, tried: dict[str, Any], tmp_path: Path) -> None:
    write_config(copy, tried)
    older = '[ "$1" = -q ] && echo 1.20200121.007-1'
    copy.root(f"install -m 755 /dev/stdin /usr/local/sbin/rpm <<<$'#!/bin/sh\\n{older}'")
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


def test_without_facts_nothing_is_told_and_no_host_is_read(copy: Cluster, tmp_path: Path) -> None:
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

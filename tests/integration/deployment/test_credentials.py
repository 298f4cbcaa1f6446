"""Keys, addresses and passwords change on a running node: no step does its work again, and nothing else restarts.

Each test continues from the one before.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.deployment.test_bastion import logins
from tests.integration.deployment.test_unusable_hosts_and_rpms import agent
from tests.support.cluster import Cluster, Update, short
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
PREVIOUS = "/root/previous-password"
ACCOUNT = "/etc/sysconfig/deephaven/auth/.dbacl_passphrase"
MONIT = "/etc/monit.d/deephaven-http"


@pytest.fixture(scope="module")
def node(installed: Cluster) -> Cluster:
    """Return the installed node."""
    return installed


def new_key(directory: Path, name: str = "new") -> Path:
    """Generate a key pair and return the file of the private key."""
    file = directory / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    return file


@pytest.fixture
def rotated(node: Cluster, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Make the host accept only a new key, and return the environment of an agent with only this key."""
    authorized_keys = node.lab.root("h1") / "home/centos/.ssh/authorized_keys"
    before, key = authorized_keys.read_text(), new_key(tmp_path)
    authorized_keys.write_text(key.with_suffix(".pub").read_text())
    try:
        with agent(tmp_path) as environment:
            node.lab.exec(["ssh-add", "-q", str(key)], env=environment)
            yield environment
    finally:
        authorized_keys.write_text(before)


def test_another_key_in_the_agent_runs_no_step(node: Cluster, rotated: dict[str, str]) -> None:
    previous = node.stack.pulumi("preview", "--expect-no-changes", check=False)
    assert "rejects the agent's keys" in previous.stdout + previous.stderr
    count = len(logins(node))
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        done = node.stack.pulumi(*command, "--expect-no-changes", env=rotated)
        assert "warning" not in done.stdout
    assert len(logins(node)) == count + 2  # each command reads the facts once


def assert_only_connections_change(cluster: Cluster) -> Update:
    """Assert that preview and update show only changed connections, and that each step connects and does nothing."""
    before, pids = last_outputs(cluster), cluster.pids()
    preview = cluster.successful_preview()
    count = len(logins(cluster))
    done = cluster.deploy()
    assert done.touched.keys() == preview.touched.keys() == before.keys()
    for update in (preview, done):
        assert set(update.diffs.values()) == {frozenset({"connection"})}
    steps = len(before) - 1  # without the copy of the RPM, which exists and is not sent again
    # one more login reads the facts; journald may lose a line of a very short session
    assert len(logins(cluster)) - count in (steps, steps + 1)
    outputs = last_outputs(cluster).values()
    assert {line for text in outputs for line in text.splitlines() if "changed: " in line} == set()
    assert cluster.pids() == pids
    assert cluster.has_no_changes()
    return done


def last_outputs(cluster: Cluster) -> dict[str, str]:
    """Return the last standard output of each command on a host, and an empty one for each copy."""
    resources = cluster.state()["deployment"]["resources"]
    return {
        short(resource["urn"]): plain(resource["outputs"].get("stdout", ""))
        for resource in resources
        if resource["type"].startswith("command:remote:")
    }


def plain(value: object) -> str:
    """Return an output of the state in plain text."""
    return str(json.loads(value["plaintext"])) if isinstance(value, dict) else str(value)


def test_another_address_changes_only_connections(node: Cluster) -> None:
    write_config(node, changed(node.configuration(), {"hosts": {"infra": {"ssh": {"address": "10.77.0.11"}}}}))
    assert_only_connections_change(node)


@pytest.mark.long
def test_an_added_and_a_removed_bastion_change_only_connections(node: Cluster) -> None:
    node.lab.up(2)
    before = node.configuration()
    write_config(node, changed(before, {"ssh": {"bastion": {"host": "h2.lab.internal"}}}))
    assert_only_connections_change(node)
    write_config(node, before)
    assert_only_connections_change(node)


@pytest.mark.long
def test_another_host_key_is_refused_until_it_is_in_known_hosts(node: Cluster, tmp_path: Path) -> None:
    key = new_key(tmp_path)
    files = node.lab.root("h1") / "etc/ssh"
    (files / "ssh_host_ed25519_key").write_text(key.read_text())
    (files / "ssh_host_ed25519_key.pub").write_text(key.with_suffix(".pub").read_text())
    for update in (node.preview(), node.up()):
        assert update.status != 0
        assert "port 22: host key mismatch" in update.output
        assert "infra (h1.lab.internal): at " in update.output
        assert update.touched == {}
    known_hosts = node.lab.state / "known_hosts"
    lines = known_hosts.read_text().splitlines()
    host_key = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    names = "h1.lab.internal,10.77.0.11"
    known_hosts.write_text(
        "".join(f"{names} {host_key}\n" if line.startswith(f"{names} ssh-ed") else f"{line}\n" for line in lines)
    )
    assert_only_connections_change(node)


class TestPasswords:
    """Rotation of the passwords that the program generates."""

    def test_only_steps_with_a_password_run_and_the_previous_password_is_rejected(self, node: Cluster) -> None:
        before, pids = node.secrets(), node.pids()
        node.root(f"cp -p {MONIT} {PREVIOUS}")
        write_config(node, changed(node.configuration(), {"passwords": {"generation": 2}}))
        preview = node.successful_preview()
        done = node.deploy()
        assert done.touched.keys() == preview.touched.keys() == {"infra-monit"}
        after = node.secrets()
        assert len(after) == len(before) == 1
        assert after.isdisjoint(before)
        assert (monit_status(node, PREVIOUS), monit_status(node, MONIT)) == ("401", "200")
        assert node.pids() == pids
        assert {name for name, status in node.services().items() if status != "OK"} == set()
        assert node.has_no_changes()
        assert_hidden(node, before | after, preview.output + done.output)


class TestAnExternalDatabase:
    """Rotation of the account's password on an external database server."""

    @pytest.fixture
    def external(self, tmp_path: Path) -> Iterator[Cluster]:
        """Deploy the stack with an external ACL database."""
        with temporary_lab(lab_name("external")) as lab:
            copy = edited_copy(bare_stack(lab, "test-mysql"), tmp_path, {})
            copy.deploy()
            yield copy

    @pytest.mark.long
    def test_the_server_accepts_only_the_new_password_and_services_that_use_it_restart(self, external: Cluster) -> None:
        before, pids = external.secrets(), external.pids()
        external.root(f"cp -p {ACCOUNT} {PREVIOUS}")
        assert database_accepts(external, PREVIOUS)
        write_config(external, changed(external.configuration(), {"passwords": {"generation": 2}}))
        done = external.deploy()
        assert done.touched.keys() == {"infra-monit", "infra-acl-database", "infra-restart"}
        assert (database_accepts(external, PREVIOUS), database_accepts(external, ACCOUNT)) == (False, True)
        pids_after = external.pids()
        assert {name for name in pids if pids_after[name] != pids[name]} == {
            "authentication_server.pid",
            "db_acl_write_server.pid",
        }
        assert {name for name, status in external.services().items() if status != "OK"} == set()
        assert external.has_no_changes()
        assert len(before | external.secrets()) == 4
        assert_hidden(external, before | external.secrets(), done.output)


def database_accepts(cluster: Cluster, file: str) -> bool:
    """Return whether the database server accepts the services' account with the password in a file."""
    query = f"MYSQL_PWD=$(base64 -d {file}) mysql --host h2.lab.internal --user irisadmin -e 'use dbacl_iris'"
    return "accepted" in cluster.root(f"{query} 2>/dev/null && echo accepted || true")


def monit_status(cluster: Cluster, file: str) -> str:
    """Return the HTTP status of monit's answer to the password in a control file."""
    login = f"sed -n 's/.*allow \\(admin:.*\\)/user = \\1/p' {file}"
    return cluster.root(f"{login} | curl -s -o /dev/null -w '%{{http_code}}' -K - http://localhost:2812/_status")


def assert_hidden(cluster: Cluster, secrets: set[str], output: str) -> None:
    """Assert that no password is in plain text where others can read it: output, state, logs, receipts, files."""
    text = output + cluster.written_by_pulumi() + cluster.stack.file.read_text()
    text += cluster.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
    for secret in secrets:
        assert secret not in text
        assert base64.b64encode(secret.encode()).decode() not in text
        assert cluster.readable_by_others(secret) == ""

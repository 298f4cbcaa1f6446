"""Keys, addresses and passwords change on a cluster that runs: nothing is done again for that, and nothing restarts.

The tests follow one another on one node.
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
from tests.support.stack_file import edited_copy, write_config
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
FORMER = "/root/former-monit"
ACCOUNT = "/etc/sysconfig/deephaven/auth/.dbacl_passphrase"
MONIT = "/etc/monit.d/deephaven-http"


@pytest.fixture(scope="module")
def node(installed: Cluster) -> Cluster:
    """Return the node."""
    return installed


def new_key(directory: Path, name: str = "new") -> Path:
    """Make a key and return its private half."""
    file = directory / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    return file


@pytest.fixture
def rotated(node: Cluster, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Let the host accept another key alone, and return the environment of an agent that holds it alone."""
    accepted = node.lab.root("h1") / "home/centos/.ssh/authorized_keys"
    before, key = accepted.read_text(), new_key(tmp_path)
    accepted.write_text(key.with_suffix(".pub").read_text())
    try:
        with agent(tmp_path) as environment:
            node.lab.exec(["ssh-add", "-q", str(key)], env=environment)
            yield environment
    finally:
        accepted.write_text(before)


def test_another_key_in_the_agent_runs_no_step(node: Cluster, rotated: dict[str, str]) -> None:
    former = node.stack.pulumi("preview", "--expect-no-changes", check=False)
    assert "rejects the agent's keys" in former.stdout + former.stderr
    count = len(logins(node))
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        done = node.stack.pulumi(*command, "--expect-no-changes", env=rotated)
        assert "warning" not in done.stdout
    assert len(logins(node)) == count + 2  # the reading of facts, once each


def moved(cluster: Cluster) -> Update:
    """Hold that preview and update show nothing but other connections, and that each step connects once for nothing."""
    before, pids = said(cluster), cluster.pids()
    preview = cluster.successful_preview()
    count = len(logins(cluster))
    done = cluster.deploy()
    assert done.touched.keys() == preview.touched.keys() == before.keys()
    for update in (preview, done):
        assert set(update.diffs.values()) == {frozenset({"connection"})}
    steps = len(before) - 1  # the copied RPM is none: its file is there, so nothing is sent
    # and the reading of facts; journald may lose a line of a session that is over at once
    assert len(logins(cluster)) - count in (steps, steps + 1)
    assert {line for text in said(cluster).values() for line in text.splitlines() if "changed: " in line} == set()
    assert cluster.pids() == pids
    assert cluster.has_no_changes()
    return done


def said(cluster: Cluster) -> dict[str, str]:
    """Return what each command on a host said last, and of copies nothing."""
    resources = cluster.state()["deployment"]["resources"]
    return {
        short(one["urn"]): plain(one["outputs"].get("stdout", ""))
        for one in resources
        if one["type"].startswith("command:remote:")
    }


def plain(value: object) -> str:
    """Return an output of the state in clear."""
    return str(json.loads(value["plaintext"])) if isinstance(value, dict) else str(value)


def test_another_address_shows_connections_alone_and_each_step_finds_its_work_done(node: Cluster) -> None:
    write_config(node, changed(node.configuration(), {"hosts": {"infra": {"ssh": {"address": "10.77.0.11"}}}}))
    moved(node)


@pytest.mark.long
def test_a_bastion_in_between_shows_connections_alone_and_so_does_its_end(node: Cluster) -> None:
    node.lab.up(2)
    before = node.configuration()
    write_config(node, changed(before, {"ssh": {"bastion": {"host": "h2.lab.internal"}}}))
    moved(node)
    write_config(node, before)
    moved(node)


@pytest.mark.long
def test_another_host_key_is_refused_until_known_hosts_has_it(node: Cluster, tmp_path: Path) -> None:
    key = new_key(tmp_path)
    files = node.lab.root("h1") / "etc/ssh"
    (files / "ssh_host_ed25519_key").write_text(key.read_text())
    (files / "ssh_host_ed25519_key.pub").write_text(key.with_suffix(".pub").read_text())
    for update in (node.preview(), node.up()):
        assert update.status != 0
        assert "port 22: host key mismatch" in update.output
        assert "infra (h1.lab.internal): at " in update.output
        assert update.touched == {}
    known = node.lab.state / "known_hosts"
    lines = known.read_text().splitlines()
    now = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    ours = "h1.lab.internal,10.77.0.11"
    known.write_text("".join(f"{ours} {now}\n" if line.startswith(f"{ours} ssh-ed") else f"{line}\n" for line in lines))
    moved(node)


class TestPasswords:
    """Another generation of those that the program makes."""

    def test_only_the_steps_that_carry_them_run_and_the_former_ones_are_refused(self, node: Cluster) -> None:
        before, pids = node.secrets(), node.pids()
        node.root(f"cp -p {MONIT} {FORMER}")
        write_config(node, changed(node.configuration(), {"passwords": {"generation": 2}}))
        preview = node.successful_preview()
        done = node.deploy()
        assert done.touched.keys() == preview.touched.keys() == {"infra-monit"}
        after = node.secrets()
        assert len(after) == len(before) == 1
        assert after.isdisjoint(before)
        assert (answer(node, FORMER), answer(node, MONIT)) == ("401", "200")
        assert node.pids() == pids
        assert {name for name, status in node.services().items() if status != "OK"} == set()
        assert node.has_no_changes()
        hidden(node, before | after, preview.output + done.output)


class TestAnOutsideDatabase:
    """The account's password is changed there too, and the services that log in with it learn of it."""

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Iterator[Cluster]:
        """Deploy the stack whose ACL database is on a server outside."""
        with temporary_lab(lab_name("outside")) as lab:
            twin = edited_copy(bare_stack(lab, "test-mysql"), tmp_path, {})
            twin.deploy()
            yield twin

    @pytest.mark.long
    def test_the_server_takes_the_new_one_alone(self, outside: Cluster) -> None:
        before, pids = outside.secrets(), outside.pids()
        outside.root(f"cp -p {ACCOUNT} {FORMER}")
        assert lets_in(outside, FORMER)
        write_config(outside, changed(outside.configuration(), {"passwords": {"generation": 2}}))
        done = outside.deploy()
        assert done.touched.keys() == {"infra-monit", "infra-acl-database", "infra-restart"}
        assert (lets_in(outside, FORMER), lets_in(outside, ACCOUNT)) == (False, True)
        again = outside.pids()
        assert {name for name in pids if again[name] != pids[name]} == {
            "authentication_server.pid",
            "db_acl_write_server.pid",
        }
        assert {name for name, status in outside.services().items() if status != "OK"} == set()
        assert outside.has_no_changes()
        assert len(before | outside.secrets()) == 4
        hidden(outside, before | outside.secrets(), done.output)


def lets_in(cluster: Cluster, file: str) -> bool:
    """Say whether the database server lets the services' account in with the password of a file."""
    ask = f"MYSQL_PWD=$(base64 -d {file}) mysql --host h2.lab.internal --user irisadmin -e 'use dbacl_iris'"
    return "in" in cluster.root(f"{ask} 2>/dev/null && echo in || true")


def answer(cluster: Cluster, file: str) -> str:
    """Return the status with which monit's http answers to the password that a control file has."""
    login = f"sed -n 's/.*allow \\(admin:.*\\)/user = \\1/p' {file}"
    return cluster.root(f"{login} | curl -s -o /dev/null -w '%{{http_code}}' -K - http://localhost:2812/_status")


def hidden(cluster: Cluster, secrets: set[str], shown: str) -> None:
    """Hold that no password stands in clear where others can read it: terminal, state, logs, receipts, files."""
    kept = shown + cluster.written_by_pulumi() + cluster.stack.file.read_text()
    kept += cluster.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
    for secret in secrets:
        assert secret not in kept
        assert base64.b64encode(secret.encode()).decode() not in kept
        assert cluster.readable_by_others(secret) == ""

"""A host that only its bastion can reach, by a name that only the bastion resolves, is deployed like any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
INNER = "inner.lab.internal"
OPERATOR = "10.77.0.1"
BASTION = "10.77.0.12"
# Only new connections are dropped, so that the connection of the nft command itself survives.
NFT = f"""
table ip bastion {{
  chain incoming {{
    type filter hook input priority 0
    ip saddr {OPERATOR} tcp dport 22 tcp flags & (syn | ack) == syn drop
  }}
}}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return the test stack on h1, which accepts ssh connections only from h2."""
    with temporary_lab(lab_name("bastion")) as lab:
        stack = bare_stack(lab, "test")
        lab.up(2)
        lab.ssh("h2", "sudo tee -a /etc/hosts", input=f"10.77.0.11 {INNER}\n")
        lab.ssh("h1", "sudo nft -f -", input=NFT)
        known_hosts = lab.state / "known_hosts"
        known_hosts.write_text(known_hosts.read_text().replace("h1.lab.internal,", f"{INNER},"))
        change = {"ssh": {"bastion": {"host": "h2.lab.internal"}}, "hosts": {"infra": {"ssh": {"address": INNER}}}}
        yield edited_copy(stack, tmp_path_factory.mktemp("bastion"), change)


def logins(cluster: Cluster) -> list[str]:
    """Return the address of each login to h1, read from its journal without a login.

    The journal is filtered by sshd's name, because it cannot determine the unit of a session that has already ended.
    """
    journal = ["journalctl", "-D", str(cluster.lab.root("h1") / "var/log/journal"), "-t", "sshd", "-o", "cat"]
    lines = cluster.lab.exec(journal).stdout.splitlines()
    return [line.split(" from ")[1].split()[0] for line in lines if line.startswith("Accepted ")]


def test_the_operator_cannot_reach_the_host_directly(cluster: Cluster) -> None:
    direct = changed(cluster.configuration(), {"ssh": {"bastion": None}, "facts": {"timeout": 2}})
    before = cluster.configuration()
    write_config(cluster, direct)
    try:
        output = cluster.stack.pulumi("preview", "--suppress-progress", check=False).stdout
    finally:
        write_config(cluster, before)
    message = "its name does not resolve here, so its facts are unknown; correct fqdn or set ssh.address"
    assert f"infra (h1.lab.internal): at {INNER} port 22: {message}" in output


def test_another_host_key_of_the_bastion_is_refused_before_any_step(cluster: Cluster, tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    text = (cluster.lab.state / "known_hosts").read_text()
    other_key = (cluster.lab.state / "keys/id_ed25519.pub").read_text().split()
    lines = [line for line in text.splitlines() if not line.startswith("h2.")]
    known_hosts.write_text("\n".join([*lines, f"h2.lab.internal {other_key[0]} {other_key[1]}", ""]))
    refused = cluster.stack.pulumi(
        "up", "--yes", "--skip-preview", check=False, env={"DEEPHAVEN_KNOWN_HOSTS": str(known_hosts)}
    )
    assert refused.returncode != 0
    assert "the bastion: at h2.lab.internal port 22: host key mismatch" in refused.stdout
    assert "command:remote:Command" not in refused.stdout


def test_the_host_is_deployed_through_the_bastion_and_a_second_update_does_nothing(cluster: Cluster) -> None:
    before = len(logins(cluster))
    update = cluster.deploy()
    assert update.changes["create"] > 30
    assert set(update.changes) <= {"create", "same"}  # the refused update created the stack itself
    assert set(logins(cluster)[before:]) == {BASTION}
    assert cluster.converged()


def test_a_host_without_power_is_reported_with_its_bastion(cluster: Cluster) -> None:
    cluster.lab.kill("h1")
    output = cluster.stack.pulumi("preview", "--suppress-progress", check=False).stdout
    where = f"infra (h1.lab.internal): at {INNER} port 22 through h2.lab.internal"
    assert f"{where}: the bastion cannot reach it: " in output

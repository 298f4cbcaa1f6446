"""The reader reads all hosts in parallel and within their time limit, and reports each refusal with a remedy."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts import Lab
from lab.hosts.process import wait_until
from tests.integration.facts.conftest import Reader

pytestmark = pytest.mark.lab
HOSTS = 3
QUERY1 = "query1 (h2.lab.internal): at h2.lab.internal port 22"


def test_facts_of_every_host_are_read(read: Reader) -> None:
    result = read()
    assert {key: facts["system"]["host_name"] for key, facts in result["facts"].items()} == {
        "infra": "h1.lab.internal",
        "query1": "h2.lab.internal",
        "query2": "h3.lab.internal",
    }
    assert len({facts["system"]["machine_id"] for facts in result["facts"].values()}) == 3
    for facts in result["facts"].values():
        assert facts["system"]["clock"]["low"] < 0.1
        assert facts["system"]["clock"]["high"] > -0.1
        assert set(facts["peers"].values()) == {"refused"}
        assert facts["forward"]["h2.lab.internal"] == ["10.77.0.12"]
        assert facts["reverse"]["10.77.0.13"] == "h3.lab.internal"
    assert result["seconds"] < 3


def test_reading_leaves_nothing_on_a_host(lab: Lab, read: Reader) -> None:
    # except for logs and files that rpm itself touches in a query
    excluded = " ".join(f"-not -path '{path}/*'" for path in ("/var/log", "/run", "/var/lib/rpm"))
    find_newer = f"find / -xdev -newer /root/mark -type f -not -path /root/mark {excluded}"
    lab.shell("h2", "touch /root/mark; sleep 1.1")
    read()
    assert lab.shell("h2", find_newer).stdout == ""


def test_receipts_and_digests_of_their_files_are_read(lab: Lab, read: Reader) -> None:
    text = """
    set -e
    mkdir -p /var/lib/deephaven-install/{receipts,attempts}; cd /var/lib/deephaven-install
    echo one >/root/one; echo two >"/root/t wo"
    printf '{"step": "x", "time": "2026-01-01T00:00:00Z", "files": ' >receipts/x.json
    printf '{"/root/one": "%s", "/root/t wo": "%064d", "/root/three": "%064d"}}' \
      "$(sha256sum </root/one | cut -d' ' -f1)" 0 0 >>receipts/x.json
    touch attempts/y; echo '{"written": "2026-01-01T00:00:00Z", "state": "begun"}' >cluster.json
    """
    lab.shell("h2", text)
    try:
        facts = read()["facts"]["query1"]
    finally:
        lab.ssh("h2", "sudo rm -rf /var/lib/deephaven-install")
    receipt = facts["receipts"]["x"]
    assert receipt["now"]["/root/one"] == receipt["files"]["/root/one"]
    assert receipt["now"]["/root/t wo"].startswith("27dd8ed44a83ff94")
    assert receipt["now"]["/root/three"] == "absent"
    assert facts["attempts"] == ["y"]
    assert facts["manifest"] == {"written": "2026-01-01T00:00:00Z", "state": "begun", "cluster": None}


def test_a_hanging_and_an_isolated_host_do_not_delay_the_result_beyond_the_timeout(lab: Lab, read: Reader) -> None:
    lab.freeze("h2")
    lab.partition("h3")
    try:
        result = read({"facts": {"timeout": 4}})
    finally:
        lab.thaw("h2")
        lab.heal("h3")
    assert list(result["facts"]) == ["infra"]
    assert {host["reason"] for host in result["unreachable"].values()} == {"it does not answer within 4 s"}
    assert result["seconds"] < 5.5
    assert result["facts"]["infra"]["peers"]["10.77.0.13/2379"] == "silent"


def test_a_host_without_power_is_unreachable(lab: Lab, read: Reader) -> None:
    lab.kill("h3")
    try:
        result = read()
    finally:
        lab.start("h3")
    assert list(result["unreachable"]) == ["query2"]
    assert "check that the host is up" in result["unreachable"]["query2"]["remedy"]


def test_a_host_whose_name_does_not_resolve_is_unreachable(lab: Lab, read: Reader, tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text((lab.state / "known_hosts").read_text().replace("h2.lab.internal", "h2.nowhere.internal"))
    change = {"hosts": {"query1": {"ssh": {"address": "h2.nowhere.internal"}}}}
    result = read(change, DEEPHAVEN_KNOWN_HOSTS=str(known_hosts))
    assert result["unreachable"] == {
        "query1": {
            "reason": "its name does not resolve here",
            "remedy": "correct fqdn or set ssh.address",
            "answers": False,
        }
    }
    assert len(result["facts"]) == 2


def test_another_host_key_is_refused_with_both_fingerprints(lab: Lab, read: Reader, tmp_path: Path) -> None:
    other_key = (lab.state / "keys/id_ed25519.pub").read_text().split()
    known_hosts = tmp_path / "known_hosts"
    lines = (lab.state / "known_hosts").read_text().splitlines()
    lines = [line for line in lines if not line.startswith("h2.")]
    known_hosts.write_text("\n".join([*lines, f"h2.lab.internal {other_key[0]} {other_key[1]}", ""]))
    (finding,) = read(DEEPHAVEN_KNOWN_HOSTS=str(known_hosts))["findings"]
    pinned, presented = (_fingerprint(lab.state / "keys" / name) for name in ("id_ed25519.pub", "h2_ed25519_key.pub"))
    assert finding.startswith(f"{QUERY1}: host key mismatch: expected {pinned},")
    assert f"got {presented}; if the host was reinstalled" in finding


def _fingerprint(file: Path) -> str:
    return subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, text=True, check=True).stdout.split()[1]


def test_only_ecdsa_keys_are_sufficient(lab: Lab, read: Reader, tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(
        "".join(line + "\n" for line in (lab.state / "known_hosts").read_text().splitlines() if "ecdsa" in line)
    )
    assert len(read(DEEPHAVEN_KNOWN_HOSTS=str(known_hosts))["facts"]) == 3


def test_a_refused_login_is_reported(read: Reader) -> None:
    assert read({"ssh": {"user": "nobody-here"}})["findings"][1] == (
        f"{QUERY1}: the host rejects the agent's keys for nobody-here; check ssh.user, and ssh-add -l"
    )


@contextmanager
def agent(directory: Path) -> Iterator[str]:
    """Run an ssh-agent without a key."""
    path = directory / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        assert wait_until(path.exists, 5)
        yield str(path)
    finally:
        process.terminate()
        process.wait()


def test_a_missing_agent_and_an_agent_without_a_key_are_reported_once(read: Reader, tmp_path: Path) -> None:
    with agent(tmp_path) as path:
        assert read(SSH_AUTH_SOCK=path)["findings"] == [f"ssh-agent at {path}: holds no key; add yours: ssh-add"]
    missing = str(tmp_path / "missing")
    start = "start one and add your key: eval $(ssh-agent); ssh-add"
    assert read(SSH_AUTH_SOCK=missing)["findings"] == [f"ssh-agent at {missing}: does not answer; {start}"]
    assert read(SSH_AUTH_SOCK="")["findings"] == [f"SSH_AUTH_SOCK: is not set in this shell; {start}"]


def test_an_agent_that_hangs_is_reported(read: Reader, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        result = read(SSH_AUTH_SOCK=str(tmp_path / "silent"))
    assert result["findings"][0].startswith(f"ssh-agent at {tmp_path / 'silent'}: does not answer; start one")
    assert result["seconds"] < 7


def test_a_sudo_that_asks_for_a_password_or_refuses_is_reported(lab: Lab, read: Reader) -> None:
    file = lab.root("h2") / "etc/sudoers.d/wheel"
    before = file.read_text()
    try:
        file.write_text(before.replace("NOPASSWD:", ""))
        asks = read()["findings"]
        file.write_text(before.replace("ALL=(ALL)", "nowhere=(ALL)"))
        (refuses,) = read()["findings"]
    finally:
        file.write_text(before)
    assert asks == [f"{QUERY1}: sudo asks centos for a password; allow centos sudo without one (NOPASSWD)"]
    assert refuses.startswith(f"{QUERY1}: sudo ")
    assert "allow centos sudo without" in refuses


def test_a_bastion_that_rejects_the_login_is_reported_once(read: Reader) -> None:
    result = read({"ssh": {"bastion": {"host": "h3.lab.internal", "user": "nobody-here"}}})
    message = "the host rejects the agent's keys for nobody-here; check ssh.user, and ssh-add -l"
    assert result["findings"] == [f"the bastion: at h3.lab.internal port 22: {message}"]


def test_hosts_behind_a_hanging_bastion_do_not_delay_the_result_beyond_the_timeout(lab: Lab, read: Reader) -> None:
    lab.freeze("h3")
    try:
        result = read({"ssh": {"bastion": {"host": "h3.lab.internal"}}, "facts": {"timeout": 2}})
    finally:
        lab.thaw("h3")
    assert set(result["unreachable"]) == {"infra", "query1", "query2"}
    assert result["seconds"] < 3.5

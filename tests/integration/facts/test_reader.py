"""All hosts are read at once and within their time; what a host refuses is told with the remedy."""

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


def test_every_host_tells_what_it_is(read: Reader) -> None:
    found = read()
    assert {key: facts["system"]["host_name"] for key, facts in found["facts"].items()} == {
        "infra": "h1.lab.internal",
        "query1": "h2.lab.internal",
        "query2": "h3.lab.internal",
    }
    assert len({facts["system"]["machine_id"] for facts in found["facts"].values()}) == 3
    for facts in found["facts"].values():
        assert facts["system"]["clock"]["low"] < 0.1
        assert facts["system"]["clock"]["high"] > -0.1
        assert set(facts["peers"].values()) == {"refused"}
        assert facts["forward"]["h2.lab.internal"] == ["10.77.0.12"]
        assert facts["reverse"]["10.77.0.13"] == "h3.lab.internal"
    assert found["seconds"] < 3


def test_reading_leaves_nothing_on_a_host(lab: Lab, read: Reader) -> None:
    # logs, and what rpm itself touches when it is asked, are none of the reader's
    apart = " ".join(f"-not -path '{path}/*'" for path in ("/var/log", "/run", "/var/lib/rpm"))
    mark = f"find / -xdev -newer /root/mark -type f -not -path /root/mark {apart}"
    lab.shell("h2", "touch /root/mark; sleep 1.1")
    read()
    assert lab.shell("h2", mark).stdout == ""


def test_receipts_and_their_files_are_told(lab: Lab, read: Reader) -> None:
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


def test_a_host_that_hangs_or_is_cut_off_costs_its_time_and_no_more(lab: Lab, read: Reader) -> None:
    lab.freeze("h2")
    lab.partition("h3")
    try:
        found = read({"facts": {"timeout": 4}})
    finally:
        lab.thaw("h2")
        lab.heal("h3")
    assert list(found["facts"]) == ["infra"]
    assert {one["reason"] for one in found["unknown"].values()} == {"it does not answer within 4 s"}
    assert found["seconds"] < 5.5
    assert found["facts"]["infra"]["peers"]["10.77.0.13/2379"] == "silent"


def test_a_host_without_power_is_unknown_at_once(lab: Lab, read: Reader) -> None:
    lab.kill("h3")
    try:
        found = read()
    finally:
        lab.start("h3")
    assert list(found["unknown"]) == ["query2"]
    assert "check that the host is up" in found["unknown"]["query2"]["remedy"]


def test_a_name_that_does_not_resolve_is_unknown(lab: Lab, read: Reader, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_text((lab.state / "known_hosts").read_text().replace("h2.lab.internal", "h2.nowhere.internal"))
    change = {"hosts": {"query1": {"ssh": {"address": "h2.nowhere.internal"}}}}
    found = read(change, DEEPHAVEN_KNOWN_HOSTS=str(known))
    assert found["unknown"] == {
        "query1": {"reason": "its name does not resolve here", "remedy": "correct fqdn or set ssh.address"}
    }
    assert len(found["facts"]) == 2


def test_another_host_key_names_both_fingerprints(lab: Lab, read: Reader, tmp_path: Path) -> None:
    other = (lab.state / "keys/id_ed25519.pub").read_text().split()
    known = tmp_path / "known"
    text = (lab.state / "known_hosts").read_text().splitlines()
    text = [line for line in text if not line.startswith("h2.")]
    known.write_text("\n".join([*text, f"h2.lab.internal {other[0]} {other[1]}", ""]))
    line = read(DEEPHAVEN_KNOWN_HOSTS=str(known))["refused"]
    pinned, presented = (_fingerprint(lab.state / "keys" / name) for name in ("id_ed25519.pub", "h2_ed25519_key.pub"))
    assert len(line) == 1
    assert line[0].startswith(f"{QUERY1}: host key mismatch: expected {pinned},")
    assert f"got {presented}; if the host was reinstalled" in line[0]


def _fingerprint(file: Path) -> str:
    return subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, text=True, check=True).stdout.split()[1]


def test_an_ecdsa_key_alone_is_enough(lab: Lab, read: Reader, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_text(
        "".join(line + "\n" for line in (lab.state / "known_hosts").read_text().splitlines() if "ecdsa" in line)
    )
    assert len(read(DEEPHAVEN_KNOWN_HOSTS=str(known))["facts"]) == 3


def test_a_refused_login_is_told(read: Reader) -> None:
    assert read({"ssh": {"user": "nobody-here"}})["refused"][1] == (
        f"{QUERY1}: the host rejects the agent's keys for nobody-here; check ssh.user, and ssh-add -l"
    )


@contextmanager
def agent(directory: Path) -> Iterator[str]:
    """Run an ssh-agent that holds no key."""
    path = directory / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        assert wait_until(path.exists, 5)
        yield str(path)
    finally:
        process.terminate()
        process.wait()


def test_an_agent_that_is_none_or_holds_no_key_is_told_once(read: Reader, tmp_path: Path) -> None:
    with agent(tmp_path) as path:
        assert read(SSH_AUTH_SOCK=path)["refused"] == [f"ssh-agent at {path}: holds no key; add yours: ssh-add"]
    gone = str(tmp_path / "gone")
    start = "start one and add your key: eval $(ssh-agent); ssh-add"
    assert read(SSH_AUTH_SOCK=gone)["refused"] == [f"ssh-agent at {gone}: does not answer; {start}"]
    assert read(SSH_AUTH_SOCK="")["refused"] == [f"SSH_AUTH_SOCK: is not set in this shell; {start}"]


def test_an_agent_that_hangs_is_told(read: Reader, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        deaf.listen()
        found = read(SSH_AUTH_SOCK=str(tmp_path / "deaf"))
    assert found["refused"][0].startswith(f"ssh-agent at {tmp_path / 'deaf'}: does not answer; start one")
    assert found["seconds"] < 7


def test_a_sudo_that_asks_or_refuses_is_told(lab: Lab, read: Reader) -> None:
    file = lab.root("h2") / "etc/sudoers.d/wheel"
    before = file.read_text()
    try:
        file.write_text(before.replace("NOPASSWD:", ""))
        asks = read()["refused"]
        file.write_text(before.replace("ALL=(ALL)", "nowhere=(ALL)"))
        refuses = read()["refused"]
    finally:
        file.write_text(before)
    assert asks == [f"{QUERY1}: sudo asks centos for a password; allow centos sudo without one (NOPASSWD)"]
    assert len(refuses) == 1
    assert refuses[0].startswith(f"{QUERY1}: sudo ")
    assert "allow centos sudo without" in refuses[0]


def test_a_bastion_that_does_not_let_in_is_told_once(read: Reader) -> None:
    found = read({"ssh": {"bastion": {"host": "h3.lab.internal", "user": "nobody-here"}}})
    what = "the host rejects the agent's keys for nobody-here; check ssh.user, and ssh-add -l"
    assert found["refused"] == [f"the bastion: at h3.lab.internal port 22: {what}"]


def test_hosts_behind_a_bastion_that_hangs_cost_their_time_and_no_more(lab: Lab, read: Reader) -> None:
    lab.freeze("h3")
    try:
        found = read({"ssh": {"bastion": {"host": "h3.lab.internal"}}, "facts": {"timeout": 2}})
    finally:
        lab.thaw("h3")
    assert set(found["unknown"]) == {"infra", "query1", "query2"}
    assert found["seconds"] < 3.5

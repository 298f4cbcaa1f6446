"""Host keys: what is pinned, and when a connection is refused before anything is registered."""

import subprocess
from pathlib import Path
from typing import Any

import pulumi_command as command
import pytest

from components.host.connection import endpoints, known_hosts, pinned
from components.topology.door import read
from components.topology.errors import ConnectionRefusal
from tests.unit.topology.cases import changed

FILE = Path("known_hosts")
LINES = ["# Host h found: line 1", "h ssh-rsa AAAArsa", "h ecdsa-sha2-nistp256 AAAAec", "h ssh-ed25519 AAAAed comment"]


def test_ed25519_is_pinned_before_ecdsa() -> None:
    assert pinned(LINES, "h", FILE) == "ssh-ed25519 AAAAed"
    assert pinned(LINES[:3], "h", FILE) == "ecdsa-sha2-nistp256 AAAAec"


def test_an_rsa_key_alone_is_refused() -> None:
    with pytest.raises(ConnectionRefusal, match="only its ssh-rsa key; add its ed25519 or ecdsa key"):
        pinned(LINES[:2], "h", FILE)


def test_a_revoked_key_is_not_pinned() -> None:
    with pytest.raises(ConnectionRefusal, match="its host key is not in known_hosts"):
        pinned(["@revoked h ssh-ed25519 AAAAed"], "h", FILE)


def _keys(tmp_path: Path, names: str, *, hashed: bool = False) -> Path:
    key, file = tmp_path / "key", tmp_path / "known_hosts"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text().split()
    file.write_text(f"{names} {public[0]} {public[1]}\n")
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], check=True, capture_output=True)
    return file


@pytest.mark.parametrize("hashed", [False, True])
def test_known_hosts_is_read_as_ssh_reads_it(tmp_path: Path, raw: dict[str, Any], *, hashed: bool) -> None:
    file = _keys(tmp_path, "[h1.lab.internal]:2222,10.77.0.11", hashed=hashed)
    config = read(changed(raw, {"ssh": {"known_hosts": str(file), "port": 2222}}))
    endpoint = endpoints(config, project=tmp_path)["infra"]
    assert (endpoint.address, endpoint.port, endpoint.user) == ("h1.lab.internal", 2222, "centos")
    assert endpoint.host_key.startswith("ssh-ed25519 ")


def test_every_unknown_host_is_named_with_the_remedy(tmp_path: Path, raw: dict[str, Any]) -> None:
    config = read(changed(raw, {"ssh": {"known_hosts": str(_keys(tmp_path, "other"))}}))
    with pytest.raises(ConnectionRefusal) as refusal:
        endpoints(config, project=tmp_path)
    assert len(refusal.value.findings) == 1
    told = refusal.value.findings[0]
    assert told.startswith("deephaven:cluster.hosts.infra: h1.lab.internal: its host key is not in ")
    assert "ssh-keyscan -t ed25519" in told


def test_known_hosts_comes_from_the_stack_then_the_environment(
    raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path("/project")
    monkeypatch.setenv("DEEPHAVEN_KNOWN_HOSTS", "/elsewhere/known_hosts")
    assert known_hosts(read(raw), project) == Path("/elsewhere/known_hosts")
    named = read(changed(raw, {"ssh": {"known_hosts": "keys/known_hosts"}}))
    assert known_hosts(named, project) == Path("/project/keys/known_hosts")
    monkeypatch.delenv("DEEPHAVEN_KNOWN_HOSTS")
    assert known_hosts(read(raw), project) == Path("~/.ssh/known_hosts").expanduser()


def test_a_bastion_is_pinned_and_before_every_host(tmp_path: Path, raw: dict[str, Any]) -> None:
    file = _keys(tmp_path, "h1.lab.internal,gate.example.com")
    ssh = {"known_hosts": str(file), "bastion": {"host": "gate.example.com", "user": "ops"}}
    endpoint = endpoints(read(changed(raw, {"ssh": ssh})), project=tmp_path)["infra"]
    assert endpoint.bastion is not None
    assert (endpoint.bastion.address, endpoint.bastion.port, endpoint.bastion.user) == ("gate.example.com", 22, "ops")
    assert endpoint.where == "at h1.lab.internal port 22 through gate.example.com"
    proxy = endpoint.arguments().proxy
    assert isinstance(proxy, command.remote.ProxyConnectionArgs)
    assert (proxy.host, proxy.user, proxy.host_key) == ("gate.example.com", "ops", endpoint.host_key)


def test_without_a_bastion_there_is_no_proxy(tmp_path: Path, raw: dict[str, Any]) -> None:
    ssh = {"known_hosts": str(_keys(tmp_path, "h1.lab.internal"))}
    endpoint = endpoints(read(changed(raw, {"ssh": ssh})), project=tmp_path)["infra"]
    assert endpoint.arguments().proxy is None
    assert endpoint.where == "at h1.lab.internal port 22"


def test_an_unknown_bastion_is_named_with_the_remedy(tmp_path: Path, raw: dict[str, Any]) -> None:
    ssh = {"known_hosts": str(_keys(tmp_path, "h1.lab.internal")), "bastion": {"host": "gate.example.com"}}
    with pytest.raises(ConnectionRefusal) as refusal:
        endpoints(read(changed(raw, {"ssh": ssh})), project=tmp_path)
    assert len(refusal.value.findings) == 1
    assert refusal.value.findings[0].startswith(
        "deephaven:cluster.ssh.bastion: gate.example.com: its host key is not in"
    )

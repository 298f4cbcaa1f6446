"""Host keys: which one is pinned, and which problems are reported before anything is registered."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_command as command
import pytest

from components.config.loader import load_config
from components.errors import HostConnectionError
from components.steps.connection import known_hosts, load_endpoints, pinned
from tests.unit.config.cases import changed

FILE = Path("known_hosts")
LINES = ["# Host h found: line 1", "h ssh-rsa AAAArsa", "h ecdsa-sha2-nistp256 AAAAec", "h ssh-ed25519 AAAAed comment"]


def test_ed25519_is_pinned_before_ecdsa() -> None:
    assert pinned(LINES, "h", FILE) == "ssh-ed25519 AAAAed"
    assert pinned(LINES[:3], "h", FILE) == "ecdsa-sha2-nistp256 AAAAec"


def test_a_host_with_only_an_rsa_key_is_refused() -> None:
    with pytest.raises(HostConnectionError, match="only its ssh-rsa key; add its ed25519 or ecdsa key"):
        pinned(LINES[:2], "h", FILE)


def test_a_revoked_key_is_not_pinned() -> None:
    with pytest.raises(HostConnectionError, match="its host key is missing from known_hosts"):
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
    config = load_config(changed(raw, {"ssh": {"known_hosts": str(file), "port": 2222}}))
    endpoint = load_endpoints(config, project=tmp_path)["infra"]
    assert (endpoint.address, endpoint.port, endpoint.user) == ("h1.lab.internal", 2222, "centos")
    assert endpoint.host_key.startswith("ssh-ed25519 ")


def test_every_unknown_host_is_named_with_the_remedy(tmp_path: Path, raw: dict[str, Any]) -> None:
    config = load_config(changed(raw, {"ssh": {"known_hosts": str(_keys(tmp_path, "other"))}}))
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(config, project=tmp_path)
    assert len(refusal.value.findings) == 1
    line = refusal.value.findings[0]
    assert line.startswith("deephaven:cluster.hosts.infra: h1.lab.internal: its host key is missing from ")
    assert "ssh-keyscan -t ed25519" in line


def test_known_hosts_comes_from_the_stack_then_the_environment(
    raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path("/project")
    monkeypatch.setenv("DEEPHAVEN_KNOWN_HOSTS", "/elsewhere/known_hosts")
    assert known_hosts(load_config(raw), project) == Path("/elsewhere/known_hosts")
    named = load_config(changed(raw, {"ssh": {"known_hosts": "keys/known_hosts"}}))
    assert known_hosts(named, project) == Path("/project/keys/known_hosts")
    monkeypatch.delenv("DEEPHAVEN_KNOWN_HOSTS")
    assert known_hosts(load_config(raw), project) == Path("~/.ssh/known_hosts").expanduser()


def test_a_bastion_is_pinned_and_used_for_every_host(tmp_path: Path, raw: dict[str, Any]) -> None:
    file = _keys(tmp_path, "h1.lab.internal,gate.example.com")
    ssh = {"known_hosts": str(file), "bastion": {"host": "gate.example.com", "user": "ops"}}
    endpoint = load_endpoints(load_config(changed(raw, {"ssh": ssh})), project=tmp_path)["infra"]
    assert endpoint.bastion is not None
    assert (endpoint.bastion.address, endpoint.bastion.port, endpoint.bastion.user) == ("gate.example.com", 22, "ops")
    assert endpoint.where == "at h1.lab.internal port 22 through gate.example.com"
    proxy = endpoint.arguments().proxy
    assert isinstance(proxy, command.remote.ProxyConnectionArgs)
    assert (proxy.host, proxy.user, proxy.host_key) == ("gate.example.com", "ops", endpoint.host_key)


def test_without_a_bastion_there_is_no_proxy(tmp_path: Path, raw: dict[str, Any]) -> None:
    ssh = {"known_hosts": str(_keys(tmp_path, "h1.lab.internal"))}
    endpoint = load_endpoints(load_config(changed(raw, {"ssh": ssh})), project=tmp_path)["infra"]
    assert endpoint.arguments().proxy is None
    assert endpoint.where == "at h1.lab.internal port 22"


def test_an_unknown_bastion_is_named_with_the_remedy(tmp_path: Path, raw: dict[str, Any]) -> None:
    ssh = {"known_hosts": str(_keys(tmp_path, "h1.lab.internal")), "bastion": {"host": "gate.example.com"}}
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(load_config(changed(raw, {"ssh": ssh})), project=tmp_path)
    assert len(refusal.value.findings) == 1
    assert refusal.value.findings[0].startswith(
        "deephaven:cluster.ssh.bastion: gate.example.com: its host key is missing from"
    )


@pytest.mark.parametrize("line", ["h", "h ssh-ed25519", "", "   ", "h ssh-ed25519 not*base64", "#"])
def test_a_line_without_a_key_is_ignored(line: str) -> None:
    assert pinned([line, *LINES], "h", FILE) == "ssh-ed25519 AAAAed"
    with pytest.raises(HostConnectionError, match="its host key is missing from known_hosts"):
        pinned([line], "h", FILE)


def _directory(file: Path) -> None:
    file.mkdir()


def _dangling(file: Path) -> None:
    file.symlink_to(file.with_name("nothing"))


def _device(file: Path) -> None:
    file.symlink_to("/dev/zero")


WRONG = [
    (_directory, "it is a directory; name a regular file"),
    (os.mkfifo, "it is a named pipe; name a regular file"),
    (_device, "it is a device; name a regular file"),
    (_dangling, "it is a link to a file that does not exist; correct the link"),
]


@pytest.mark.parametrize(("create", "expected"), WRONG, ids=lambda value: getattr(value, "__name__", str(value))[:30])
@pytest.mark.parametrize("by", ["deephaven:cluster.ssh.known_hosts", "DEEPHAVEN_KNOWN_HOSTS"])
def test_known_hosts_must_be_a_regular_file(  # noqa: PLR0913, PLR0917 - fixtures and the case
    tmp_path: Path,
    raw: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    create: Callable[[Path], None],
    expected: str,
    by: str,
) -> None:
    _program(tmp_path, monkeypatch, "touch", str(tmp_path / "ran"))
    create(tmp_path / "file")
    if by == "DEEPHAVEN_KNOWN_HOSTS":
        monkeypatch.setenv(by, str(tmp_path / "file"))
    else:
        raw = changed(raw, {"ssh": {"known_hosts": "file"}})
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(load_config(raw), project=tmp_path)
    assert refusal.value.findings == (f"{by}: cannot read {tmp_path / 'file'}: {expected}",)
    assert not (tmp_path / "ran").exists()


def test_known_hosts_may_be_a_link_and_contain_any_text(tmp_path: Path, raw: dict[str, Any]) -> None:
    file = _keys(tmp_path, "h1.lab.internal")
    file.write_bytes(file.read_bytes().rstrip() + b" M\xfcller\n")
    (tmp_path / "link").symlink_to(file)
    config = load_config(changed(raw, {"ssh": {"known_hosts": "link"}}))
    assert load_endpoints(config, project=tmp_path)["infra"].host_key == " ".join(
        file.read_bytes().decode("latin1").split()[1:3]
    )


def test_a_missing_known_hosts_file_lacks_every_key(tmp_path: Path, raw: dict[str, Any]) -> None:
    config = load_config(changed(raw, {"ssh": {"known_hosts": "none/known_hosts"}}))
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(config, project=tmp_path)
    (line,) = refusal.value.findings
    assert line.startswith(
        f"deephaven:cluster.hosts.infra: h1.lab.internal: its host key is missing from {tmp_path}/none/known_hosts; run"
    )


def _program(directory: Path, monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    """Replace ssh-keygen with another program."""
    program = directory / "bin/ssh-keygen"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho x >>{directory}/runs\nexec {' '.join(command)}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_ssh_keygen_inherits_no_variable_of_pulumi(
    tmp_path: Path, raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, monkeypatch, "env", ">", str(tmp_path / "environment"))
    for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN", "PULUMI_"):
        monkeypatch.setenv(name, "MARKER")
    monkeypatch.setenv("MY_PULUMI_CONFIG", "kept")
    with pytest.raises(HostConnectionError, match="its host key is missing from"):
        load_endpoints(load_config(raw), project=tmp_path)
    inherited = (tmp_path / "environment").read_text()
    assert "MY_PULUMI_CONFIG=kept\n" in inherited
    assert "MARKER" not in inherited
    assert not [line for line in inherited.splitlines() if line.startswith("PULUMI_")]


def _two_hosts(raw: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    second = {"fqdn": "h2.lab.internal"}
    return changed(raw, {"hosts": {"second": second}, "ssh": {"known_hosts": str(tmp_path / "known_hosts")}})


def test_an_ssh_keygen_that_hangs_is_stopped_and_not_run_again(
    tmp_path: Path, raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, monkeypatch, "sleep", "60")
    monkeypatch.setattr("components.steps.connection.LOOKUP_SECONDS", 0.5)
    file = tmp_path / "known_hosts"
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(load_config(_two_hosts(raw, tmp_path)), project=tmp_path)
    remedy = f"run ssh-keygen -F h1.lab.internal -f {file} to see what it waits for"
    assert refusal.value.findings == (f"{file}: ssh-keygen did not answer within 0.5 s; {remedy}",)
    assert (tmp_path / "runs").read_text() == "x\n"


def test_an_ssh_keygen_that_cannot_be_run_is_reported_once(
    tmp_path: Path, raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(_two_hosts(raw, tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(config, project=tmp_path)
    assert refusal.value.findings == ("ssh-keygen: is missing on this machine; install the OpenSSH client",)
    (tmp_path / "ssh-keygen").write_text("")
    with pytest.raises(HostConnectionError) as refusal:
        load_endpoints(config, project=tmp_path)
    assert refusal.value.findings == ("ssh-keygen: cannot be run: Permission denied; repair the OpenSSH client",)

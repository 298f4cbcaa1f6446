"""Names, keys, disks and the command of lab hosts, tested without a host."""

import os
import subprocess
from pathlib import Path

import pytest

from lab.hosts import LabError, disk, machine, process
from lab.hosts.command import main, parser
from lab.hosts.disk import Disk
from lab.hosts.keys import HOST_KEY_TYPES, Keys
from lab.hosts.names import HostName, check_lab_name, check_snapshot_name, first_hosts, hosts_file, parse_host
from lab.hosts.operator import ssh_command


def test_a_host_has_the_same_names_and_address_in_every_lab() -> None:
    host = HostName(12)
    assert (host.short, host.fqdn, host.address, host.mac) == (
        "h12",
        "h12.lab.internal",
        "10.77.0.22",
        "02:4c:41:42:00:0c",
    )


@pytest.mark.parametrize(("text", "number"), [("h1", 1), ("1", 1), (7, 7), ("h40", 40)])
def test_usual_host_names_are_accepted(text: str | int, number: int) -> None:
    assert parse_host(text) == HostName(number)


@pytest.mark.parametrize("text", ["", "h0", "0", "h41", "x1", "h1 ", "h01", "-1", "h1.lab.internal", "h1\n", 0, -1])
def test_other_host_names_are_refused(text: str | int) -> None:
    with pytest.raises(LabError, match="unknown; use h1 to h40"):
        parse_host(text)


@pytest.mark.parametrize("name", ["lab", "a", "t-hosts", "m1", "abcdefgh"])
def test_a_good_lab_name_is_returned(name: str) -> None:
    assert check_lab_name(name) == name


@pytest.mark.parametrize("name", ["", "Lab", "1a", "abcdefghi", "a_b", "a/b", "-a", "lab\n", "../x"])
def test_a_lab_name_that_cannot_name_a_namespace_is_refused(name: str) -> None:
    with pytest.raises(LabError, match=r"lab name .*: not allowed; use a lower-case letter"):
        check_lab_name(name)


@pytest.mark.parametrize("name", ["", "..", "a/b", "-a", "A", "a" * 41])
def test_a_snapshot_name_that_is_not_a_directory_name_is_refused(name: str) -> None:
    with pytest.raises(LabError, match=r"snapshot name .*: not allowed; use up to 40"):
        check_snapshot_name(name)


@pytest.mark.parametrize("count", [0, -1, 41])
def test_a_lab_has_one_to_forty_hosts(count: int) -> None:
    with pytest.raises(LabError, match="hosts: out of range; use 1 to 40"):
        first_hosts(count)


def test_the_hosts_file_lists_the_full_name_first() -> None:
    lines = hosts_file().splitlines()
    assert "10.77.0.11 h1.lab.internal h1" in lines
    assert "10.77.0.1 ops.lab.internal ops" in lines
    assert len(lines) == 42


def test_ssh_ignores_the_users_configuration_and_trusts_only_the_labs_keys() -> None:
    command = ssh_command(HostName(3), Path("/a b/known_hosts"), "-v")
    assert command[:4] == ["ssh", "-F", "/dev/null", "-v"]
    assert 'UserKnownHostsFile="/a b/known_hosts"' in command
    assert "StrictHostKeyChecking=yes" in command
    assert command[-1] == "centos@h3.lab.internal"


def test_known_hosts_lists_each_key_type_by_name_and_address_and_keys_are_kept(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.generate([HostName(1)])
    first = keys.known_hosts.read_text()
    keys.generate([HostName(1), HostName(2)])
    lines = keys.known_hosts.read_text().splitlines()
    assert "".join(f"{line}\n" for line in lines[:3]) == first
    assert [line.split()[:2] for line in lines[3:]] == [
        ["h2.lab.internal,10.77.0.12", "ssh-ed25519"],
        ["h2.lab.internal,10.77.0.12", "ecdsa-sha2-nistp256"],
        ["h2.lab.internal,10.77.0.12", "ssh-rsa"],
    ]
    assert all(keys.host_key(HostName(2), kind).stat().st_mode & 0o77 == 0 for kind in HOST_KEY_TYPES)


def test_a_key_is_generated_again_after_an_interruption(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.generate([])
    keys.client.with_name("id_ed25519.pub").unlink()
    keys.client.write_text("half a key")
    keys.generate([])
    result = subprocess.run(["ssh-keygen", "-y", "-f", str(keys.client)], capture_output=True, text=True, check=True)
    assert result.stdout.split()[1] == keys.authorized_keys().split()[1]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "base"
    for name in ("etc/ssh", "home/centos/.ssh"):
        (root / name).mkdir(parents=True)
    (root / "home/centos/.ssh").chmod(0o700)
    monkeypatch.setattr(disk, "BASE", root)
    return root


@pytest.mark.usefixtures("base")
def test_a_new_disk_has_an_identity_and_the_bases_modes(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.generate([HostName(1)])
    new = Disk(tmp_path / "h1")
    assert not new.exists()
    new.create(HostName(1), keys)
    assert new.exists()
    assert new.layers() == []
    assert len((new.upper / "etc/machine-id").read_text().strip()) == 32
    assert (new.upper / "etc/hostname").read_text() == "h1.lab.internal\n"
    assert (new.upper / "home/centos/.ssh").stat().st_mode & 0o777 == 0o700
    assert (new.upper / "etc/ssh/ssh_host_rsa_key").stat().st_mode & 0o777 == 0o600
    assert (new.upper / "home/centos/.ssh/authorized_keys").read_text() == keys.authorized_keys()


def test_a_reset_disk_is_empty_over_the_given_layers(tmp_path: Path) -> None:
    new = Disk(tmp_path / "h1")
    new.reset([])
    (new.upper / "old").touch()
    new.reset([Path("snapshots/b/h1/upper"), Path("snapshots/a/h1/upper")])
    assert list(new.upper.iterdir()) == []
    assert new.layers() == [Path("snapshots/b/h1/upper"), Path("snapshots/a/h1/upper")]


def test_a_failed_program_is_reported_in_one_line_with_its_last_output() -> None:
    with pytest.raises(LabError, match=r"^sh -c .*: it broke$") as caught:
        process.run("sh", "-c", "echo first >&2; echo it broke >&2; exit 3")
    assert "\nfirst" not in str(caught.value)


def test_waiting_ends_with_the_condition_or_the_time_limit() -> None:
    answers = iter([False, False, True])
    assert process.wait_until(lambda: next(answers), 5)
    assert not process.wait_until(lambda: False, 0.05)


def test_a_lock_whose_file_was_removed_still_excludes_others(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with machine.locked(path):
        path.unlink()
    with machine.locked(path):
        held = subprocess.run(["flock", "--nonblock", str(path), "true"], check=False)
        assert held.returncode == 1
    free = subprocess.run(["flock", "--nonblock", str(path), "true"], check=False)
    assert free.returncode == 0


def test_a_user_without_root_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["status"]) == 1
    assert capsys.readouterr().err == "lab: user: lab hosts need root for namespaces and mounts; run this as root\n"


def test_missing_programs_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "_is_known_debian", lambda: True)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError, match=r"^machine: programs missing; run apt-get install -y createrepo-c iproute2 "):
        machine.require()


def test_another_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "_is_known_debian", lambda: False)
    with pytest.raises(LabError, match=r"^machine: the lab needs Debian 12 or 13; use "):
        machine.require()


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ('ID=debian\nVERSION_ID="12"\n', True),
        ('VERSION_ID="13"\nID=debian\n', True),
        ('ID=debian\nVERSION_ID="11"\n', False),
        ("ID=debian\n", False),
        ('ID=devuan\nID_LIKE=debian\nVERSION_ID="13"\n', False),
    ],
)
def test_the_supported_releases_are_recognized(tmp_path: Path, text: str, *, supported: bool) -> None:
    file = tmp_path / "os-release"
    file.write_text(text)
    assert machine._is_known_debian(file) is supported  # noqa: SLF001 - the condition of `require`
    assert not machine._is_known_debian(tmp_path / "absent")  # noqa: SLF001 - likewise


def test_a_machine_that_uses_the_labs_network_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    routes = "blackhole 10.77.0.0/24 metric 42000 \n10.77.0.0/25 dev eth7 scope link \n"
    monkeypatch.setattr(machine, "_LOCK", tmp_path / "lock")
    monkeypatch.setattr(machine, "_LABS", tmp_path / "labs")
    monkeypatch.setattr(machine, "run", lambda *_: routes)
    with pytest.raises(LabError, match=r"^network 10\.77\.0\.0/24: in use on this machine \(10\.77\.0\.0/25 dev eth7"):
        machine.claim("t-claim")
    assert not (tmp_path / "labs").exists()


@pytest.mark.parametrize("argv", [[], ["fly"], ["up"], ["up", "many"], ["snapshot"], ["ssh"]])
def test_an_invalid_command_line_is_refused(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(argv)
    assert caught.value.code == 2


def test_remote_arguments_are_passed_unchanged() -> None:
    arguments = parser().parse_args(["--lab", "x", "ssh", "h1", "ls", "-l", "--all"])
    assert (arguments.lab, arguments.host, arguments.command) == ("x", "h1", ["ls", "-l", "--all"])

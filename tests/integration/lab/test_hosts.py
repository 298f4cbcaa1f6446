"""Features of lab hosts, tested on real ones; one lab of two hosts serves all tests."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.hosts import Lab, LabError
from lab.hosts.build import build
from tests.support.labs import lab_name, temporary_lab

pytestmark = pytest.mark.lab

NAME = lab_name("hosts")
UP = "up"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    build()
    with temporary_lab(NAME) as lab:
        lab.up(2)
        yield lab


def states(lab: Lab) -> list[str]:
    return [host.state for host in lab.status()]


def test_a_host_is_a_running_system_with_its_names(lab: Lab) -> None:
    result = lab.ssh(
        "h2", "hostname -f; hostname -i; systemctl is-system-running --wait; sudo id -un; cat /etc/redhat-release"
    )
    assert result.stdout.splitlines() == [
        "h2.lab.internal",
        "10.77.0.12",
        "running",
        "root",
        "CentOS Linux release 7.9.2009 (Core)",
    ]


def test_the_guides_packages_are_not_preinstalled_and_yum_installs_them(lab: Lab) -> None:
    names = "etcd monit mariadb-server lighttpd"
    before = lab.ssh("h1", f"rpm -q {names}", check=False).stdout
    assert before.count("is not installed") == 4
    lab.ssh("h1", "sudo yum install -y -q monit lighttpd")
    assert lab.ssh("h1", "rpm -q monit lighttpd && monit --version").stdout.count(".el7.x86_64") == 2
    available = lab.ssh("h1", "yum list --available -q etcd mariadb-server").stdout
    assert "etcd.x86_64" in available
    assert "mariadb-server.x86_64" in available


def test_no_packet_to_a_lab_address_leaves_the_machine(lab: Lab) -> None:
    assert states(lab) == [UP, UP]
    route = subprocess.run(["ip", "route", "get", "10.77.0.11"], capture_output=True, text=True, check=False)
    assert route.returncode != 0
    assert "No route to host" in route.stderr
    began = time.monotonic()
    with pytest.raises(OSError, match="No route to host"):
        socket.create_connection(("10.77.0.11", 22), timeout=5)
    assert time.monotonic() - began < 1
    assert "10.77.0." not in subprocess.run(["ip", "address"], capture_output=True, text=True, check=True).stdout


def test_a_host_and_the_operator_have_no_default_route(lab: Lab) -> None:
    for routes in (lab.ssh("h1", "ip route").stdout, lab.exec(["ip", "route"]).stdout):
        assert "10.77.0.0/24 dev eth0" in routes
        assert "default" not in routes


def test_three_types_of_host_key_are_served_and_listed_in_known_hosts(lab: Lab) -> None:
    for algorithm in ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"):
        options = ("-o", f"HostKeyAlgorithms={algorithm}")
        assert lab.exec([*lab.ssh_argv("h1", *options), "hostname"]).stdout == "h1.lab.internal\n"
    scanned = lab.exec(["ssh-keyscan", "10.77.0.11"]).stdout
    known_hosts = Path(lab.env["DEEPHAVEN_KNOWN_HOSTS"]).read_text()
    blobs = [line.split()[2] for line in scanned.splitlines() if not line.startswith("#")]
    assert len(blobs) == 3
    assert all(blob in known_hosts for blob in blobs)


def test_a_host_with_another_key_is_refused(lab: Lab, tmp_path: Path) -> None:
    wrong = tmp_path / "known_hosts"
    lines = Path(lab.env["DEEPHAVEN_KNOWN_HOSTS"]).read_text().splitlines()
    swapped = [
        line.replace("h2.lab.internal,10.77.0.12", "h1.lab.internal,10.77.0.11") for line in lines if "h2." in line
    ]
    wrong.write_text("\n".join(swapped) + "\n")
    argv = lab.ssh_argv("h1", "-o", f"UserKnownHostsFile={wrong}")
    refused = lab.exec([*argv, "true"], check=False)
    assert refused.returncode == 255
    assert "verification failed" in refused.stderr


def test_a_host_starts_in_about_a_second_and_up_is_quick_when_nothing_is_missing(lab: Lab) -> None:
    lab.stop("h2")
    began = time.monotonic()
    lab.start("h2")
    started = time.monotonic()
    assert started - began < 5
    lab.up(2)
    assert time.monotonic() - started < 3


def test_a_killed_host_loses_nothing_on_disk_and_starts_again(lab: Lab) -> None:
    lab.ssh("h1", "echo kept | sudo tee /etc/mark && sync")
    lab.kill("h1")
    assert states(lab) == ["stopped", UP]
    lab.start("h1")
    assert lab.ssh("h1", "cat /etc/mark").stdout == "kept\n"


def test_a_host_that_reboots_itself_comes_back(lab: Lab) -> None:
    before = lab.ssh("h1", "stat -c %Y /proc/1").stdout
    lab.ssh("h1", "sudo systemctl reboot", check=False)
    deadline = time.monotonic() + 30
    while lab.ssh("h1", "stat -c %Y /proc/1", check=False).stdout in {before, ""}:
        assert time.monotonic() < deadline, "h1 did not come back within 30 s"
    assert states(lab) == [UP, UP]


def test_a_frozen_host_hangs_until_it_is_thawed(lab: Lab) -> None:
    lab.freeze("h1")
    assert states(lab) == ["frozen", UP]
    hung = lab.exec([*lab.ssh_argv("h1", "-o", "ConnectTimeout=1"), "true"], check=False)
    assert "timed out" in hung.stderr
    lab.thaw("h1")
    assert lab.ssh("h1", "echo back").stdout == "back\n"


def test_a_partitioned_host_is_unreachable_and_still_runs(lab: Lab) -> None:
    lab.partition("h2")
    assert states(lab) == [UP, "partitioned"]
    assert lab.exec([*lab.ssh_argv("h2", "-o", "ConnectTimeout=1"), "true"], check=False).returncode == 255
    assert lab.ssh("h1", "ping -c1 -W1 h2", check=False).returncode == 1
    assert (lab.root("h2") / "etc/hostname").read_text() == "h2.lab.internal\n"
    lab.heal("h2")
    assert lab.ssh("h1", "ping -c1 -W5 h2 >/dev/null && echo reached").stdout == "reached\n"


def test_a_snapshot_restores_removed_changed_and_new_files(lab: Lab) -> None:
    lab.ssh("h1", "echo one | sudo tee /etc/changed /etc/removed; sudo rm -rf /etc/bash_completion.d")
    with pytest.raises(LabError, match="h1, h2: running; stop"):
        lab.snapshot("first")
    lab.stop()
    lab.snapshot("first")
    lab.start()
    lab.ssh("h1", "echo two | sudo tee /etc/changed /etc/new; sudo rm /etc/removed; sudo mkdir /etc/bash_completion.d")
    assert (lab.upper("h1") / "etc/new").read_text() == "two\n"
    began = time.monotonic()
    lab.restore("first")
    assert time.monotonic() - began < 8
    output = lab.ssh(
        "h1", "cat /etc/changed /etc/removed; ls -d /etc/new /etc/bash_completion.d 2>&1", check=False
    ).stdout
    assert output.splitlines()[:2] == ["one", "one"]
    assert output.count("No such file") == 2
    assert lab.ssh("h1", "systemctl is-system-running --wait").stdout == "running\n"


def test_chained_snapshots_can_be_restored_in_any_order(lab: Lab) -> None:
    lab.ssh("h2", "echo 1 | sudo tee /etc/level")
    lab.stop()
    lab.snapshot("level1")
    lab.start("h2")
    lab.ssh("h2", "echo 2 | sudo tee /etc/level")
    lab.stop("h2")
    lab.snapshot("level2")
    for name, level in (("level1", "1"), ("level2", "2"), ("level1", "1")):
        lab.restore(name)
        assert lab.ssh("h2", "cat /etc/level").stdout.strip() == level
    with pytest.raises(LabError, match="level1: already exists; use another name"):
        lab.snapshot("level1")
    with pytest.raises(LabError, match=r"level9: unknown; use one of: .*level1"):
        lab.restore("level9")


def test_logs_of_a_stopped_host_are_kept(lab: Lab, tmp_path: Path) -> None:
    lab.ssh("h1", "sudo logger -t marker remember-me; sudo journalctl --sync; echo plain | sudo tee /var/log/plain.log")
    lab.kill("h1")
    lab.keep_logs(tmp_path)
    lab.start("h1")
    assert "remember-me" in (tmp_path / "h1/journal.txt").read_text()
    assert (tmp_path / "h1/log/plain.log").read_text() == "plain\n"
    assert (tmp_path / "h2/console.log").exists()


def test_programs_run_in_the_operators_namespace_with_its_environment(lab: Lab) -> None:
    result = lab.exec(
        ["sh", "-c", 'echo "$LAB $EXTRA"; cat; getent hosts h1.lab.internal'], input="fed\n", env={"EXTRA": "more"}
    )
    assert result.stdout.splitlines()[:2] == [f"{NAME} more", "fed"]
    assert result.stdout.splitlines()[2].startswith("10.77.0.11")
    process = lab.popen(["sleep", "60"])
    process.kill()
    assert process.wait(10) == -9
    with pytest.raises(LabError, match="status 3: went wrong"):
        lab.exec(["sh", "-c", "echo went wrong >&2; exit 3"])


def test_a_stopped_host_cannot_be_frozen(lab: Lab) -> None:
    lab.stop("h2")
    with pytest.raises(LabError, match="h2 not running; start them first"):
        lab.freeze("h2")
    lab.start("h2")


def test_roots_shell_needs_no_connection_and_affects_only_the_host(lab: Lab) -> None:
    lab.partition("h1")
    try:
        output = lab.shell(
            "h1", "id -u; hostname -f; pwd; echo $HOME; cat /proc/1/comm; env | grep -c ^LAB= || true"
        ).stdout
    finally:
        lab.heal("h1")
    assert output.split() == ["0", "h1.lab.internal", "/", "/root", "systemd", "0"]


def test_roots_shell_cannot_set_the_machines_clock(lab: Lab) -> None:
    before = time.time()
    with pytest.raises(LabError, match="Operation not permitted"):
        lab.shell("h1", "date -s @0")
    assert time.time() >= before


def test_roots_shell_reports_failures(lab: Lab) -> None:
    with pytest.raises(LabError, match="status 3: went wrong"):
        lab.shell("h1", "echo went wrong >&2; exit 3")
    assert lab.shell("h1", "exit 3", check=False).returncode == 3

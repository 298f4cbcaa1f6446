"""Unusable hosts and RPMs are reported and change nothing, and `up` succeeds after the problem is fixed.

Each test continues from the one before, on one bare host.
"""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts import Lab
from lab.hosts.process import wait_until
from lab.stages import PROJECT
from tests.support.cluster import ONCE, Cluster
from tests.support.stack_file import edited_copy, write_config
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
BUILDS = PROJECT / "lab/.build"
DECLARED = "illumon-db-1.20200121.008-1-1.rpm"
UNREACHABLE_SECONDS = 60  # three attempts of five seconds, pauses, and the engine's own time on a busy machine


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own with facts off, so that steps report problems; tests write its RPM."""
    change = {"release": {"rpm": {"file": DECLARED}}, "facts": "off"}
    return edited_copy(cluster, tmp_path_factory.mktemp("unusable"), change)


def write_rpm(copy: Cluster, content: bytes) -> None:
    """Write the file that the stack declares."""
    (copy.stack.project / DECLARED).write_bytes(content)


def failed_output(copy: Cluster, **env: str) -> str:
    """Run an update that must fail, with variables of the operator's environment, and return its output."""
    done = copy.stack.pulumi("up", "--skip-preview", "--yes", "--suppress-progress", check=False, env=env)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def untouched(copy: Cluster) -> bool:
    """Return whether no step has begun on the host and none is in the state."""
    types = [resource["type"] for resource in copy.state()["deployment"].get("resources", [])]
    return not (copy.lab.upper("h1") / "var/lib/deephaven-install").exists() and "command:remote:Command" not in types


@contextmanager
def agent(directory: Path) -> Iterator[dict[str, str]]:
    """Run an ssh-agent without a key, and yield the variable of its socket."""
    socket = directory / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        assert wait_until(socket.exists, 5)
        yield {"SSH_AUTH_SOCK": str(socket)}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def sudo_with_password(lab: Lab) -> Iterator[None]:
    """Make sudo on the host ask for a password."""
    files = [file for file in (lab.root("h1") / "etc/sudoers.d").iterdir() if "NOPASSWD" in file.read_text()]
    texts = {file: file.read_text() for file in files}
    assert texts
    for file, text in texts.items():
        file.write_text(text.replace("NOPASSWD:", ""))
    try:
        yield
    finally:
        for file, text in texts.items():
            file.write_text(text)


WHERE = "infra (h1.lab.internal): at h1.lab.internal port 22"


class TestAnUnusableHost:
    """An update runs no step on a host with a failed connection, login or sudo."""

    @pytest.fixture(autouse=True)
    def _untouched(self, copy: Cluster) -> Iterator[None]:
        write_rpm(copy, (BUILDS / DECLARED).read_bytes())
        yield
        assert untouched(copy)

    def test_another_host_key_is_reported(self, copy: Cluster, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        other_key = (copy.lab.state / "keys/id_ed25519.pub").read_text().split()
        known_hosts.write_text(f"h1.lab.internal {other_key[0]} {other_key[1]}\n")
        output = failed_output(copy, DEEPHAVEN_KNOWN_HOSTS=str(known_hosts))
        assert "infra-host" in output
        assert "host key mismatch" in output
        message = "host key mismatch: the host shows another key than the one in known_hosts; if it was"
        assert f"{WHERE}: {message}" in output

    def test_an_agent_without_a_key_is_reported(self, copy: Cluster, tmp_path: Path) -> None:
        with agent(tmp_path) as environment:
            output = failed_output(copy, **environment)
        assert "infra-host" in output
        assert "ssh: unable to authenticate" in output
        assert f"{WHERE}: the host rejects the agent's keys for centos; check ssh.user, and ssh-add -l" in output

    def test_a_missing_agent_is_reported(self, copy: Cluster, tmp_path: Path) -> None:
        assert f"{WHERE}: no key was offered; start an ssh-agent" in failed_output(copy, SSH_AUTH_SOCK="")
        socket = str(tmp_path / "missing")
        output = failed_output(copy, SSH_AUTH_SOCK=socket)
        assert socket in output
        assert f"{WHERE}: the ssh-agent does not answer; start one" in output

    def test_an_unknown_user_is_reported(self, copy: Cluster) -> None:
        before = copy.configuration()
        write_config(copy, changed(before, {"ssh": {"user": "nobody-here"}}))
        try:
            message = "the host rejects the agent's keys for nobody-here; check ssh.user"
            assert f"{WHERE}: {message}" in failed_output(copy)
        finally:
            write_config(copy, before)

    def test_a_sudo_that_asks_for_a_password_is_reported(self, copy: Cluster) -> None:
        with sudo_with_password(copy.lab):
            output = failed_output(copy)
        assert "infra-host" in output
        assert "sudo: a password is required" in output
        assert f"{WHERE}: sudo asks centos for a password; allow centos sudo without one (NOPASSWD)" in output

    def test_an_unreachable_host_fails_an_update_within_a_minute_and_no_preview(self, copy: Cluster) -> None:
        copy.lab.partition("h1")
        try:
            assert copy.stack.pulumi("preview", "--suppress-progress", check=False).returncode == 0
            begin = time.monotonic()
            output = failed_output(copy)
            assert time.monotonic() - begin < UNREACHABLE_SECONDS
        finally:
            copy.lab.heal("h1")
        assert "infra-host" in output
        assert "i/o timeout" in output
        assert f"{WHERE}: it does not answer; check that the host is up" in output

    def test_a_host_without_power_is_reported(self, copy: Cluster) -> None:
        copy.lab.kill("h1")
        try:
            output = failed_output(copy)
        finally:
            copy.lab.start("h1")
        assert "infra-host" in output
        assert "connection refused" in output


class TestAnUnusableRpm:
    """The host checks the file before it installs anything from it."""

    @pytest.fixture(autouse=True)
    def _not_installed(self, copy: Cluster) -> Iterator[None]:
        yield
        assert "is not installed" in copy.root("rpm -q illumon-db || true")
        assert copy.root("ls -d /usr/illumon /etc/sysconfig/illumon.d 2>/dev/null || true") == ""

    def test_a_greeting_that_breaks_its_copy_is_reported(self, copy: Cluster) -> None:
        copy.root("cp ~centos/.bashrc /root/kept; sed -i '1i echo Welcome' ~centos/.bashrc")
        try:
            output = failed_output(copy)
        finally:
            copy.root("cp /root/kept ~centos/.bashrc")
        message = "the login shell of centos prints text where SFTP begins; stop its start files (.bashrc)"
        assert f"{WHERE}: {message}" in output

    def test_another_build_is_reported(self, copy: Cluster) -> None:
        write_rpm(copy, (BUILDS / "illumon-db-1.20200121.012-1-1.rpm").read_bytes())
        output = failed_output(copy)
        message = "the RPM is illumon-db-1.20200121.012-1, the stack declares illumon-db-1.20200121.008-1"
        assert f"infra (h1.lab.internal): step product: {message}" in output
        assert "what to do: correct release.version and release.build, or set the other file" in output

    def test_a_truncated_file_is_reported(self, copy: Cluster) -> None:
        content = (BUILDS / DECLARED).read_bytes()
        write_rpm(copy, content[: len(content) // 2])
        output = failed_output(copy)
        assert "infra (h1.lab.internal): step product: " in output
        assert "is damaged: its content does not match its own digests" in output

    def test_a_file_that_is_not_an_rpm_is_reported(self, copy: Cluster) -> None:
        content = b"<html>not found</html>\n"
        digest = hashlib.sha256(content).hexdigest()
        write_rpm(copy, content)
        output = failed_output(copy)
        assert f"step product: /var/lib/deephaven-install/staging/{digest}.rpm is not an RPM" in output
        assert "what to do: set the vendor's file as release.rpm" in output


def test_the_next_update_succeeds_after_all_problems_are_fixed(copy: Cluster) -> None:
    shutil.copy(BUILDS / DECLARED, copy.stack.project / DECLARED)
    copy.deploy()
    assert {name for name, status in copy.services().items() if status != "OK"} == set()
    assert {script: copy.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert copy.has_no_changes()
    assert not untouched(copy)

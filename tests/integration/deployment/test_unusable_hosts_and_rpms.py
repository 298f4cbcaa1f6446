"""What goes wrong before the installation is told, leaves nothing half done, and once it is mended `up` goes on.

The tests follow one another on one bare host.
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
from tests.support.cluster import ONCE, Cluster, Update
from tests.support.stack_file import edited_copy, write_config
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
BUILDS = PROJECT / "lab/.build"
DECLARED = "illumon-db-1.20200121.008-1-1.rpm"
UNREACHABLE_SECONDS = 60  # three tries of five seconds, the pauses, and the engine's own time on a busy machine


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, whose RPM each test chooses; steps alone tell what goes wrong."""
    change = {"release": {"rpm": {"file": DECLARED}}, "facts": "off"}
    return edited_copy(cluster, tmp_path_factory.mktemp("mended"), change)


def put_rpm(copy: Cluster, content: bytes) -> None:
    """Make something the file that the stack declares."""
    (copy.stack.project / DECLARED).write_bytes(content)


def up(copy: Cluster, **env: str) -> Update:
    """Run an update that must fail, with other variables in the operator's environment."""
    done = copy.stack.pulumi("up", "--skip-preview", "--yes", "--suppress-progress", check=False, env=env)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return Update(done.returncode, done.stdout + done.stderr, {}, {})


def bare(copy: Cluster) -> bool:
    """Say whether no step has begun on the host and none is in the state."""
    kept = [resource["type"] for resource in copy.state()["deployment"].get("resources", [])]
    return not (copy.lab.upper("h1") / "var/lib/deephaven-install").exists() and "command:remote:Command" not in kept


@contextmanager
def agent(directory: Path) -> Iterator[dict[str, str]]:
    """Run an ssh-agent that holds no key."""
    socket = directory / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        assert wait_until(socket.exists, 5)
        yield {"SSH_AUTH_SOCK": str(socket)}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def asking_sudo(lab: Lab) -> Iterator[None]:
    """Let sudo on the host ask for a password."""
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


class TestAHostThatCannotBeUsed:
    """Nothing has begun on the host when it cannot be reached, trusted or commanded."""

    @pytest.fixture(autouse=True)
    def _begun_nothing(self, copy: Cluster) -> Iterator[None]:
        put_rpm(copy, (BUILDS / DECLARED).read_bytes())
        yield
        assert bare(copy)

    def test_another_host_key_is_told(self, copy: Cluster, tmp_path: Path) -> None:
        known = tmp_path / "known"
        other = (copy.lab.state / "keys/id_ed25519.pub").read_text().split()
        known.write_text(f"h1.lab.internal {other[0]} {other[1]}\n")
        said = up(copy, DEEPHAVEN_KNOWN_HOSTS=str(known)).output
        assert "infra-host" in said
        assert "host key mismatch" in said
        assert f"{WHERE}: host key mismatch: the host shows another key than the one in known_hosts; if it was" in said

    def test_an_agent_without_a_key_is_told(self, copy: Cluster, tmp_path: Path) -> None:
        with agent(tmp_path) as environment:
            said = up(copy, **environment).output
        assert "infra-host" in said
        assert "ssh: unable to authenticate" in said
        assert f"{WHERE}: the host rejects the agent's keys for centos; check ssh.user, and ssh-add -l" in said

    def test_no_agent_is_told(self, copy: Cluster, tmp_path: Path) -> None:
        assert f"{WHERE}: no key was offered; start an ssh-agent" in up(copy, SSH_AUTH_SOCK="").output
        gone = up(copy, SSH_AUTH_SOCK=str(tmp_path / "gone")).output
        assert str(tmp_path / "gone") in gone
        assert f"{WHERE}: the ssh-agent does not answer; start one" in gone

    def test_an_unknown_user_is_told(self, copy: Cluster) -> None:
        before = copy.configuration()
        write_config(copy, changed(before, {"ssh": {"user": "nobody-here"}}))
        try:
            assert f"{WHERE}: the host rejects the agent's keys for nobody-here; check ssh.user" in up(copy).output
        finally:
            write_config(copy, before)

    def test_a_sudo_that_asks_for_a_password_is_told(self, copy: Cluster) -> None:
        with asking_sudo(copy.lab):
            said = up(copy).output
        assert "infra-host" in said
        assert "sudo: a password is required" in said
        assert f"{WHERE}: sudo asks centos for a password; allow centos sudo without one (NOPASSWD)" in said

    def test_a_host_that_does_not_answer_is_told_soon_and_preview_needs_none(self, copy: Cluster) -> None:
        copy.lab.partition("h1")
        try:
            assert copy.stack.pulumi("preview", "--suppress-progress", check=False).returncode == 0
            began = time.monotonic()
            said = up(copy).output
            assert time.monotonic() - began < UNREACHABLE_SECONDS
        finally:
            copy.lab.heal("h1")
        assert "infra-host" in said
        assert "i/o timeout" in said
        assert f"{WHERE}: it does not answer; check that the host is up" in said

    def test_a_host_without_power_is_told(self, copy: Cluster) -> None:
        copy.lab.kill("h1")
        try:
            said = up(copy).output
        finally:
            copy.lab.start("h1")
        assert "infra-host" in said
        assert "connection refused" in said


class TestAnRpmThatIsNotTheDeclaredOne:
    """The host looks at the file before anything is installed from it."""

    @pytest.fixture(autouse=True)
    def _installed_nothing(self, copy: Cluster) -> Iterator[None]:
        yield
        assert "is not installed" in copy.root("rpm -q illumon-db || true")
        assert copy.root("ls -d /usr/illumon /etc/sysconfig/illumon.d 2>/dev/null || true") == ""

    def test_another_build_is_told(self, copy: Cluster) -> None:
        put_rpm(copy, (BUILDS / "illumon-db-1.20200121.012-1-1.rpm").read_bytes())
        said = up(copy).output
        what = "the RPM is illumon-db-1.20200121.012-1, the stack declares illumon-db-1.20200121.008-1"
        assert f"infra (h1.lab.internal): step product: {what}" in said
        assert "what to do: correct release.version and release.build, or set the other file" in said

    def test_a_file_that_broke_off_is_told(self, copy: Cluster) -> None:
        whole = (BUILDS / DECLARED).read_bytes()
        put_rpm(copy, whole[: len(whole) // 2])
        said = up(copy).output
        assert "infra (h1.lab.internal): step product: " in said
        assert "is damaged: its content does not match its own digests" in said

    def test_a_file_that_is_no_rpm_is_told(self, copy: Cluster) -> None:
        content = b"<html>not found</html>\n"
        digest = hashlib.sha256(content).hexdigest()
        put_rpm(copy, content)
        said = up(copy).output
        assert f"step product: /var/lib/deephaven-install/staging/{digest}.rpm is not an RPM" in said
        assert "what to do: set the vendor's file as release.rpm" in said


def test_once_all_is_mended_the_next_update_ends_well(copy: Cluster) -> None:
    shutil.copy(BUILDS / DECLARED, copy.stack.project / DECLARED)
    copy.deploy()
    assert {name for name, status in copy.services().items() if status != "OK"} == set()
    assert {script: copy.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert copy.has_no_changes()
    assert not bare(copy)

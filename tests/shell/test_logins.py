"""Tests of steps under other login shells, noisy start files, and a strict sshd or sudo."""

from collections.abc import Iterator

import pytest

from components.steps.connection import Endpoint
from components.steps.hints import hint
from components.steps.script import digest, launcher
from lab.hosts import Lab
from tests.shell.bench import NODE
from tests.shell.conftest import Trial

pytestmark = pytest.mark.lab
# Login shells, each with a file that it reads even if it only runs a command, and what that file prints.
SHELLS = {
    "/bin/bash": (".bashrc", "echo Welcome; echo Be careful >&2"),
    "/bin/tcsh": (".tcshrc", "echo Welcome"),
    "/bin/zsh": (".zshenv", "echo Welcome; echo Be careful >&2"),
    "/usr/bin/fish": (".config/fish/config.fish", "echo Welcome; echo Be careful >&2"),
}


@pytest.fixture
def strict(lab: Lab) -> Iterator[Lab]:
    """Return the lab; sshd and sudo of its host get their usual configuration again."""
    yield lab
    lab.shell("h1", "rm -f /etc/ssh/sshd_config.d/strict.conf /etc/sudoers.d/strict; systemctl restart ssh")


@pytest.fixture
def login(lab: Lab) -> Iterator[Lab]:
    """Return the lab; the ssh user of its host gets its usual shell and home directory again."""
    lab.shell("h1", "cp -a /home/centos /home/kept")
    yield lab
    lab.shell("h1", "usermod -s /bin/bash centos; rm -rf /home/centos; mv /home/kept /home/centos")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_step_runs_under_every_login_shell_whatever_it_prints(trial: Trial, login: Lab, shell: str) -> None:
    file, noise = SHELLS[shell]
    login.shell(
        "h1",
        f"cd /home/centos && mkdir -p $(dirname {file}) && touch {file}\n"
        f"{{ echo '{noise}' && cat {file}; }} >start && mv start {file}\n"
        f"chown -R centos /home/centos && usermod -s {shell} centos",
    )
    assert login.ssh("h1", "true").stdout == "Welcome\n"
    result = login.ssh("h1", launcher("trial"), input=trial.text("changed 'it ran'"))
    assert result.stdout == f"Welcome\nstep: trial {digest({})}\nchanged: it ran\nend: trial\n"


def test_heartbeats_keep_a_session_that_sshd_would_end(trial: Trial, strict: Lab) -> None:
    strict.shell("h1", "echo 'ChannelTimeout session:*=2s' >/etc/ssh/sshd_config.d/strict.conf; systemctl restart ssh")
    text = trial.text("sleep 5; changed 'it ran'", heartbeat="1")
    assert "changed: it ran\n" in strict.ssh("h1", launcher("trial"), input=text).stdout
    silent = strict.ssh("h1", launcher("trial"), input=trial.text("sleep 5", heartbeat="60"), check=False)
    assert silent.stdout == ""


def test_a_sudo_that_requires_a_terminal_is_explained(trial: Trial, strict: Lab) -> None:
    strict.shell("h1", "echo 'Defaults requiretty' >/etc/sudoers.d/strict; chmod 440 /etc/sudoers.d/strict")
    result = strict.ssh("h1", launcher("trial"), input=trial.text("true"), check=False)
    assert result.returncode != 0
    line = hint(result.stderr, host=NODE.label, endpoint=Endpoint(NODE.fqdn, 22, "centos", ""))
    assert line is not None
    assert "sudo requires a terminal for centos; " in line

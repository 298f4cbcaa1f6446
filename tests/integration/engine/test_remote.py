"""The fake of pulumi-command with other hosts, on the real engine and a real sshd."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine.conftest import Start
from tests.integration.engine.project import Project
from tests.integration.engine.sshd import Sshd, sshd

pytestmark = pytest.mark.lab


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    """Return a running sshd."""
    directory = tmp_path / "sshd"
    directory.mkdir()
    with sshd(directory) as running:
        yield running


@pytest.fixture
def project(start: Start, server: Sshd, tmp_path: Path) -> Project:
    """Return a project that copies a file to the server and reads it there."""
    project = start("remote")
    (project.directory / "payload").write_text("one")
    project.config(port=str(server.port), user=server.user, host_key=server.host_key, target=str(tmp_path / "target"))
    project.pulumi("config", "set", "--secret", "key", "--", server.key)
    return project


def test_file_is_copied_and_command_runs(project: Project, server: Sshd) -> None:
    project.up()
    assert project.outputs() == {"stdout": "one"}
    state = project.written()
    assert server.key.splitlines()[1] not in state
    assert '"stdout":"one"' in state.replace(": ", ":")


def test_changed_content_is_copied_again(project: Project, tmp_path: Path) -> None:
    project.up()
    (project.directory / "payload").write_text("two")
    assert "1 updated" in project.up()
    assert (tmp_path / "target").read_text() == "two"


def test_another_host_key_is_refused_without_changes(project: Project, tmp_path: Path) -> None:
    other = (tmp_path / "sshd/user.pub").read_text()
    project.config(host_key=other)
    assert "ssh: host key mismatch" in project.fails()
    assert not (tmp_path / "target").exists()
    assert project.resources("remote") == []


def test_another_user_key_is_refused(project: Project, tmp_path: Path) -> None:
    project.pulumi("config", "set", "--secret", "key", "--", (tmp_path / "sshd/host").read_text())
    assert "unable to authenticate" in project.fails()
    assert not (tmp_path / "target").exists()


def test_a_missing_host_does_not_prevent_removal_without_delete(project: Project) -> None:
    project.up()
    project.config(port="1")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.resources("remote") == []

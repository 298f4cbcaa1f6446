"""The command line and the language host on the built engine."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.integration.engine.conftest import Start
from tests.integration.engine.project import Project

pytestmark = pytest.mark.lab


def test_about_names_the_engine_and_the_interpreter(start: Start) -> None:
    output = start("command").pulumi("about").stdout
    assert "3.274.1" in output
    assert "This project is written in python: executable=" in output
    assert "+fake" in output


def test_the_fake_plugins_have_the_versions_of_the_sdks(start: Start) -> None:
    output = start("command").pulumi("plugin", "ls").stdout
    rows = {row.split()[0]: row.split()[2] for row in output.splitlines() if " resource " in row}
    assert rows == {"command": "1.2.1", "random": "4.21.4", "tls": "5.6.2"}


def test_a_second_update_has_nothing_to_do(start: Start) -> None:
    project = start("command")
    project.up()
    assert project.outputs() == {"stdout": "created"}
    project.pulumi("up", *("--yes", "--expect-no-changes"))


def test_expect_no_changes_fails_on_a_change(start: Start) -> None:
    project = start("command")
    project.up()
    project.config(text="other")
    assert "no changes were expected" in project.fails("up", "--expect-no-changes")


def test_a_failing_program_shows_its_own_message(start: Start) -> None:
    output = start("raises").fails()
    assert "ValueError: the program's own message" in output
    assert "exit code" not in output
    assert "KeyboardInterrupt" not in output


def test_a_missing_virtual_environment_is_named(start: Start) -> None:
    project = start("command")
    settings = project.directory / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace('"virtualenv": "', '"virtualenv": "/nowhere'))
    assert "/nowhere" in project.fails()


def test_an_unknown_toolchain_is_refused(start: Start) -> None:
    project = start("command")
    settings = project.directory / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace('"pip"', '"pipsqueak"'))
    assert 'toolchain is "pipsqueak"' in project.fails()


def test_a_policy_pack_accepts_and_refuses(start: Start) -> None:
    project = start("command")
    pack = str(project.pack())
    project.config(forbidden="unheard")
    assert "words" in project.pulumi("preview", "--policy-pack", pack).stdout
    project.config(text="shout", forbidden="shout")
    refused = project.pulumi("preview", "--policy-pack", pack, check=False)
    assert refused.returncode != 0
    assert "command has the word shout" in refused.stdout + refused.stderr


@pytest.fixture
def killed(start: Start) -> Iterator[Project]:
    """Return a project whose engine was killed in the middle of a create."""
    project = start("sleeps")
    engine = project.start("up", "--yes", "--skip-preview")
    _wait_for_create(project)
    engine.kill()
    engine.wait()
    yield project
    for pid in project.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_engine_leaves_a_lock_that_cancel_clears(killed: Project) -> None:
    assert "is currently locked by" in killed.fails()
    killed.pulumi("cancel", "--yes", "test")
    killed.program("command")
    output = killed.pulumi("up", "--yes", "--skip-preview")
    assert "interrupted" in output.stdout + output.stderr
    assert killed.outputs() == {"stdout": "created"}


def test_the_language_host_does_not_outlive_a_killed_engine(killed: Project) -> None:
    assert any("pulumi-language-python" in line for line in killed.processes().values())
    for _ in range(150):
        if not any("pulumi-language-python" in line for line in killed.processes().values()):
            return
        time.sleep(0.1)
    pytest.fail(f"still running: {killed.processes()}")


def _wait_for_create(project: Project) -> None:
    """Wait until the command runs; the engine has recorded it in the state just before."""
    for _ in range(300):
        if any(line.startswith("sleep ") for line in project.processes().values()):
            return
        time.sleep(0.1)
    pytest.fail("the update did not create anything")

"""The fake of pulumi-command on the real engine."""

import pytest

from tests.integration.engine.conftest import Start

pytestmark = pytest.mark.lab
HIDDEN = "not-for-the-state"


def test_secret_input_is_hidden_in_preview_and_encrypted_in_state(start: Start) -> None:
    project = start("command")
    project.pulumi("config", "set", "--secret", "hidden", HIDDEN)
    preview = project.pulumi("preview", "--diff").stdout
    assert "[secret]" in preview
    assert HIDDEN not in preview
    project.up()
    assert HIDDEN not in project.written()
    (command,) = project.resources("Command")
    assert "ciphertext" in command["inputs"]["stdin"]


def test_input_that_is_not_a_secret_is_shown(start: Start) -> None:
    project = start("command")
    project.config(text="in-the-open")
    assert "in-the-open" in project.pulumi("preview", "--diff").stdout
    project.up()
    assert "in-the-open" in project.written()


def test_preview_of_a_create_does_not_know_the_output(start: Start) -> None:
    project = start("command")
    project.config(fail="1")
    assert "stdout: [unknown]" in project.pulumi("preview").stdout


def test_failing_create_keeps_no_state_and_runs_again(start: Start) -> None:
    project = start("command")
    project.pulumi("config", "set", "--secret", "hidden", HIDDEN)
    project.config(fail="3")
    output = project.fails()
    assert "exit status 3: running" in output
    assert HIDDEN not in output
    assert project.resources("Command") == []
    project.config(fail="0")
    assert "1 created" in project.up()


def test_failing_delete_fails_the_update_and_keeps_the_resource(start: Start) -> None:
    project = start("command")
    project.config(fail_delete="4")
    project.up()
    assert "exit status 4" in project.fails("destroy")
    assert len(project.resources("Command")) == 1
    project.config(fail_delete="0")
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.resources("Command") == []


def test_triggers_replace_and_other_inputs_update(start: Start) -> None:
    project = start("command")
    project.up()
    project.config(text="other")
    assert "1 updated" in project.up()
    project.config(turn="2")
    assert "1 replaced" in project.up()


def test_plugin_and_engine_leave_no_processes(start: Start) -> None:
    project = start("command")
    project.up()
    assert project.processes() == {}

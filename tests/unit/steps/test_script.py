"""What a step sends: quoting survives a real shell, secrets stay out of the digest, the launcher is frozen."""

import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.installation import Installation
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import Step
from components.steps.script import COMPONENTS, LIBRARIES, SHARED, assignment, digest, launcher, render

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(st.lists(TEXT, max_size=4))
def test_values_pass_through_a_shell_unchanged(values: list[str]) -> None:
    script = assignment("x", tuple(values)) + '\nprintf "%s\\0" "${x[@]}"'
    done = subprocess.run(["bash", "-s"], input=script.encode(), capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == (values or [""])


@pytest.mark.parametrize("name", ["x-y", "X", "1x", "x;rm", ""])
def test_a_name_that_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a name"):
        assignment(name, "value")


def test_the_launcher_never_changes() -> None:
    # Any other text would update every installed step of every cluster.
    assert launcher("packages") == "sudo -n bash -s -- packages"


def _monit(spec: DeploymentSpec) -> Step:
    action = plan(spec, digest="0" * 64)["infra-monit"]
    assert isinstance(action, Step)
    return action


def test_a_secret_changes_the_text_but_not_the_digest(spec: DeploymentSpec) -> None:
    action = _monit(spec)
    one, other = render(action, {"password": "first"}), render(action, {"password": "second"})
    assert "password=first\n" in one
    assert "secrets=(password)\n" in one
    assert [line for line in one.splitlines() if line.startswith("step_digest")] == [
        line for line in other.splitlines() if line.startswith("step_digest")
    ]


def test_the_digest_follows_inputs_and_nothing_else(spec: DeploymentSpec) -> None:
    action = _monit(spec)
    assert digest(action.inputs) == digest(dict(reversed(list(action.inputs.items()))))
    assert digest(action.inputs) != digest({**action.inputs, "port": "2813"})
    assert digest(replace(action, limit=1).inputs) == digest(action.inputs)


def test_what_is_sent_is_a_whole_script(spec: DeploymentSpec) -> None:
    for task in plan(spec, digest="0" * 64):
        if isinstance(task, Step):
            text = render(task, dict.fromkeys(task.secrets, "value"))
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)
            assert text.rstrip().endswith('run_step "$@"')
    assert len(LIBRARIES) == 4


FUNCTION = re.compile(r"^([a-z_]+)\(\) [{(]", re.MULTILINE)
DEFINED = {name: path for path in (*LIBRARIES, *SHARED) for name in FUNCTION.findall((COMPONENTS / path).read_text())}


COMMAND = re.compile(r"(?:^|[;&|({!]|\b(?:if|then|else|do|until|while|time)\b) *([a-z_]+)(?= |$|\))", re.MULTILINE)


def _called(path: str) -> set[str]:
    """Return the shared functions that a script calls: their names where a command stands."""
    text = re.sub(r"^ *#.*$", "", (COMPONENTS / path).read_text(), flags=re.MULTILINE)
    return set(COMMAND.findall(text)) & DEFINED.keys()


@pytest.mark.parametrize("script", sorted({script for scripts in SHARED.values() for script in scripts}))
def test_a_script_gets_every_shared_function_that_it_calls(script: str) -> None:
    given = {*LIBRARIES, *(library for library, scripts in SHARED.items() if script in scripts)}
    assert {name for name in _called(script) if DEFINED[name] not in {*given, script}} == set()


def test_no_other_script_calls_a_function_that_only_some_scripts_get() -> None:
    scripts = {row.script for row in Installation if row.script}
    shared = {script for scripts in SHARED.values() for script in scripts}
    calls = {script: {name for name in _called(script) if DEFINED[name] in SHARED} for script in scripts - shared}
    assert {script: names for script, names in calls.items() if names} == {}


def test_the_check_sees_a_call_that_is_not_given() -> None:
    assert "install_file" in _called("services/scripts/write-manifest.sh")
    assert DEFINED["install_file"] == "steps/scripts/files.sh"

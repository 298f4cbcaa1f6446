"""The text that a step sends: quoting survives a real shell, the digest has no secrets, the launcher never changes."""

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
def test_an_invalid_variable_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid name"):
        assignment(name, "value")


def test_the_launcher_never_changes() -> None:
    # Any other text would update every installed step of every cluster.
    assert launcher("packages") == "sudo -n bash -s -- packages"


def _monit(spec: DeploymentSpec) -> Step:
    step = plan(spec, digest="0" * 64)["infra-monit"]
    assert isinstance(step, Step)
    return step


def test_a_secret_changes_the_text_but_not_the_digest(spec: DeploymentSpec) -> None:
    step = _monit(spec)
    first, second = render(step, {"password": "first"}), render(step, {"password": "second"})
    assert "password=first\n" in first
    assert "secrets=(password)\n" in first
    assert [line for line in first.splitlines() if line.startswith("step_digest")] == [
        line for line in second.splitlines() if line.startswith("step_digest")
    ]


def test_the_digest_follows_inputs_and_nothing_else(spec: DeploymentSpec) -> None:
    step = _monit(spec)
    assert digest(step.inputs) == digest(dict(reversed(list(step.inputs.items()))))
    assert digest(step.inputs) != digest({**step.inputs, "port": "2813"})
    assert digest(replace(step, limit=1).inputs) == digest(step.inputs)


def test_the_sent_text_is_a_complete_script(spec: DeploymentSpec) -> None:
    for step in plan(spec, digest="0" * 64):
        if isinstance(step, Step):
            text = render(step, dict.fromkeys(step.secrets, "value"))
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)
            assert text.rstrip().endswith('run_step "$@"')
    assert len(LIBRARIES) == 4


FUNCTION = re.compile(r"^([a-z_]+)\(\) [{(]", re.MULTILINE)
DEFINED = {name: path for path in (*LIBRARIES, *SHARED) for name in FUNCTION.findall((COMPONENTS / path).read_text())}


COMMAND = re.compile(r"(?:^|[;&|({!]|\b(?:if|then|else|do|until|while|time)\b) *([a-z_]+)(?= |$|\))", re.MULTILINE)


def _called(path: str) -> set[str]:
    """Return the shared functions that a script calls: their names in the place of a command."""
    text = re.sub(r"^ *#.*$", "", (COMPONENTS / path).read_text(), flags=re.MULTILINE)
    return set(COMMAND.findall(text)) & DEFINED.keys()


@pytest.mark.parametrize("script", sorted({script for scripts in SHARED.values() for script in scripts}))
def test_a_script_includes_every_shared_function_that_it_calls(script: str) -> None:
    available = {*LIBRARIES, *(library for library, scripts in SHARED.items() if script in scripts)}
    assert {name for name in _called(script) if DEFINED[name] not in {*available, script}} == set()


def test_no_other_script_calls_a_function_of_a_shared_library() -> None:
    scripts = {row.script for row in Installation if row.script}
    shared = {script for scripts in SHARED.values() for script in scripts}
    calls = {script: {name for name in _called(script) if DEFINED[name] in SHARED} for script in scripts - shared}
    assert {script: names for script, names in calls.items() if names} == {}


def test_a_call_of_a_shared_function_is_detected() -> None:
    assert "install_file" in _called("services/scripts/write-manifest.sh")
    assert DEFINED["install_file"] == "steps/scripts/files.sh"

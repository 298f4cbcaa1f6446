"""What a step sends: quoting survives a real shell, secrets stay out of the digest, the launcher is frozen."""

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import Step
from components.steps.script import LIBRARIES, assignment, digest, launcher, render

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

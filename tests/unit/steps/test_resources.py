"""The check of a step's answer: a host that answers without running the step ends the program."""

import traceback
from typing import NoReturn

import pulumi
import pytest

from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps import resources
from components.steps.model import Step
from components.steps.script import digest

URN = "urn:pulumi:test::deephaven::command:remote:Command::deephaven-infra-packages"


def test_a_stack_trace_is_short_while_resources_are_registered() -> None:
    with resources.short_stack_trace():
        assert len(traceback.extract_stack()) == resources.FRAMES
    assert len(traceback.extract_stack()) > resources.FRAMES


class ExitedError(Exception):
    """Replaces the end of the process."""


@pytest.fixture
def step(spec: DeploymentSpec) -> Step:
    """Return a step of the test stack."""
    planned = plan(spec, digest="0" * 64)["infra-packages"]
    assert isinstance(planned, Step)
    return planned


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the logged errors; the end of the process is an exception."""

    def leave(status: int) -> NoReturn:
        raise ExitedError(status)

    lines: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", lines.append)
    monkeypatch.setattr("os._exit", leave)
    return lines


def _answer(step: Step, *, begin: str | None = None, end: str | None = None) -> str:
    begin = begin or f"step: {step.name} {digest(step.inputs)}"
    return f"{begin}\nunchanged\n{end or f'end: {step.name}'}\n"


def test_an_answer_of_the_step_is_accepted_also_after_other_text(step: Step, errors: list[str]) -> None:
    for text in (_answer(step), f"Welcome\nto h1\n{_answer(step)}"):
        resources._require_run(step, text, URN)  # noqa: SLF001 - the unit under test
    assert errors == []


@pytest.mark.parametrize("kind", ["nothing", "a greeting", "another step", "other inputs", "cut off"])
def test_any_other_answer_ends_the_program_and_names_host_step_and_remedy(
    step: Step, errors: list[str], kind: str
) -> None:
    text = {
        "nothing": "",
        "a greeting": "Welcome to h1\n",
        "another step": _answer(step, begin=f"step: monit {digest(step.inputs)}"),
        "other inputs": _answer(step, begin=f"step: {step.name} {'0' * 64}"),
        "cut off": _answer(step).rpartition("end:")[0],
    }[kind]
    with pytest.raises(ExitedError) as exited:
        resources._require_run(step, text, URN)  # noqa: SLF001 - the unit under test
    assert exited.value.args == (32,)
    [line] = errors
    assert line.startswith(f"{step.node.label}: step packages: the host answered, but did not run the step; check ")
    assert f"pulumi up --replace '{URN}'" in line

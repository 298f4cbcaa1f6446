"""The text that a step sends: quoting survives a real shell, the digest has no secrets, the launcher never changes."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.installation import Installation
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import FileTransfer, Step
from components.steps.script import (
    COMPONENTS,
    RUNTIME,
    _text,
    assignment,
    digest,
    launcher,
    render,
    render_transfer,
    runtime,
    runtime_file,
)
from tests.unit.conftest import spec_of

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
    assert digest({**step.inputs, "what": "words for the operator"}) == digest(step.inputs)


def test_the_sent_text_is_a_complete_script(spec: DeploymentSpec) -> None:
    for step in plan(spec, digest="0" * 64):
        if isinstance(step, Step):
            text = render(step, dict.fromkeys(step.secrets, "value"))
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)
            assert text.rstrip().endswith('run_step "$@"')


def test_only_the_first_step_of_a_host_contains_the_runtime(spec: DeploymentSpec) -> None:
    for step in plan(spec, digest="0" * 64):
        if isinstance(step, Step):
            text = render(step, dict.fromkeys(step.secrets, "value"))
            assert (runtime() in text) == (step.row is Installation.HOST)
            assert runtime_file().rpartition("/")[2][:64] in text


def sent(spec: DeploymentSpec, then: str) -> subprocess.CompletedProcess[str]:
    """Run what the first step of a host does before it uses the runtime, and a command instead of that."""
    text = render(plan(spec, digest="0" * 64)["infra-host"], {}).partition('eval "$runtime"')[0]  # type: ignore[arg-type]
    return subprocess.run(["bash", "-s", "--", "host"], input=text + then, capture_output=True, text=True, check=False)


def test_the_runtime_arrives_with_the_digest_that_every_step_checks(spec: DeploymentSpec) -> None:
    digest = sent(spec, 'printf %s "$runtime" | sha256sum').stdout.split()[0]
    assert runtime_file() == f"/var/lib/deephaven-install/runtime/{digest}.sh"
    assert "END_OF_RUNTIME" not in runtime()


def test_a_host_that_cannot_keep_the_runtime_for_a_moment_is_reported(spec: DeploymentSpec) -> None:
    text = render(plan(spec, digest="0" * 64)["infra-host"], {}).replace(runtime(), "")  # type: ignore[arg-type]
    text = re.sub("<<'END_OF_RUNTIME'", "</dev/null", text).replace("\n\nEND_OF_RUNTIME\n", "\n")
    done = subprocess.run(["bash", "-s", "--", "host"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f"{spec.cluster.nodes['infra'].label}: step host: cannot write in /run"


@pytest.mark.parametrize("damage", ["missing", "other"])
def test_a_step_without_the_runtime_fails_and_names_the_remedy(
    spec: DeploymentSpec, damage: str, tmp_path: Path
) -> None:
    file = tmp_path / "runtime.sh"
    if damage == "other":
        file.write_text("echo this runs\n")
    text = re.sub("runtime_file=.*", f"runtime_file={file}", render(_monit(spec), {"password": "value"}))
    done = subprocess.run(["bash", "-s", "--", "monit"], input=text, capture_output=True, text=True, check=False)
    first, remedy = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert first == f"{spec.cluster.nodes['infra'].label}: step monit: {file} is missing or damaged"
    assert remedy.startswith("  what to do: run pulumi up without --target")


SCRIPTS = sorted({*RUNTIME, *(row.script for row in Installation if row.script)})


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_means_the_same_without_its_comments(script: str) -> None:
    texts = (COMPONENTS / script).read_text(), _text(script)
    parsed = [
        subprocess.run(
            ["bash", "-c", f"step() {{\n{text}\n}}\ndeclare -f step"], capture_output=True, text=True, check=True
        ).stdout
        for text in texts
    ]
    assert parsed[0] == parsed[1]
    assert len(texts[1]) < len(texts[0])


def test_every_step_waits_for_the_first_step_of_its_hosts() -> None:
    steps = plan(spec_of("production-ha"), digest="0" * 64)
    earlier: dict[str, set[str]] = {}
    for step in steps:
        earlier[step.resource_name] = set(step.after).union(*(earlier[after] for after in step.after))
        nodes = [step.node, step.source] if isinstance(step, FileTransfer) else [step.node]
        hosts = {Installation.HOST.on(node) for node in nodes} - {step.resource_name}
        assert hosts <= earlier[step.resource_name], step.resource_name


def test_a_transfer_follows_its_scripts_but_does_not_contain_them() -> None:
    transfer = next(step for step in plan(spec_of("production"), digest="0" * 64) if isinstance(step, FileTransfer))
    text = render_transfer(transfer, source="source", target="target", bastion=())
    assert "require_vars" not in text
    assert f"export_script={transfer.export.script}\n" in text
    assert re.search(r"^scripts_digest=[0-9a-f]{64}$", text, re.MULTILINE)
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)

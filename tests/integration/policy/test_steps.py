"""The pack stops commands and secrets that the project's own program never creates; the host does not change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.policy.conftest import PREVIEW, RUNS, UP, violations
from tests.support.cluster import Cluster, Update
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack

pytestmark = pytest.mark.lab
HERE = Path(__file__).parent
PACK = ("--policy-pack", str(HERE.parents[2] / "policy"))
TARGET = "/var/tmp/step-ran"  # noqa: S108 - the file that the step creates on the host
RUNTIME = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
SECRET = "hQ7vR2mXbT9kLpZ4cW8nYsD3gJ6fA1eU"  # noqa: S105 - random letters


class Program:
    """The program with one step, in a project of its own, on a bare lab host."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self.cluster = cluster
        self.directory = directory
        (directory / "Pulumi.yaml").write_text(json.dumps({"name": "try", "runtime": RUNTIME}))
        (directory / "__main__.py").write_text((HERE / "programs/step.py").read_text())
        (directory / ".venv").symlink_to(cluster.stack.project / ".venv")
        cluster.stack.pulumi("stack", "init", "step", "--no-select", cwd=directory)

    def run(self, command: tuple[str, ...], **config: Any) -> Update:  # noqa: ANN401 - any value
        """Run a command with the pack and this configuration of the stack."""
        lines = (self.cluster.lab.state / "known_hosts").read_text().splitlines()
        host, *key = next(line.split() for line in lines if line.startswith("h1.") and "ssh-ed25519" in line)
        where = {"host": host.split(",")[0], "host_key": " ".join(key[:2]), "user": "centos", "target": TARGET}
        values = {f"try:{name}": value for name, value in {**where, **config}.items()}
        file = self.directory / "Pulumi.step.yaml"
        stack = yaml.safe_load(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**stack, "config": values}))
        done = self.cluster.stack.pulumi(*command, "--stack", "step", *PACK, cwd=self.directory, check=False)
        return Update(done.returncode, done.stdout + done.stderr, {}, {})

    def destroy(self) -> None:
        """Delete the resources of previous updates."""
        self.cluster.stack.pulumi("destroy", "--yes", "--skip-preview", "--stack", "step", cwd=self.directory)

    def ran(self) -> bool:
        """Return whether the step ran on the host, and remove its file."""
        exists = (self.cluster.lab.upper("h1") / TARGET.lstrip("/")).exists()
        self.cluster.root(f"rm -f {TARGET}")
        return exists


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Return the program for a bare host."""
    with temporary_lab(lab_name("steps")) as lab:
        yield Program(bare_stack(lab, "test"), tmp_path_factory.mktemp("step"))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an inline script": ({"properties": {"create": f"touch {TARGET}"}}, "create is not the launcher"),
    "triggers": ({"properties": {"triggers": ["now"]}}, "has triggers: they replace"),
    "an environment": ({"properties": {"environment": {"A": "b"}}}, "has environment"),
    "its output logged": ({"properties": {"logging": "stdoutAndStderr"}}, "logs its output"),
    "no limit": ({"properties": {"stdin": f"touch {TARGET}\n"}}, "has no time limit"),
    "no pinned key": ({"connection": {"host_key": ""}}, "does not pin its host's ed25519 or ecdsa key"),
    "a password": ({"connection": {"password": SECRET}}, "logs in with a password"),
}


@pytest.mark.parametrize("command", RUNS)
@pytest.mark.parametrize("case", ["an inline script", "triggers", "no pinned key"])
def test_each_run_of_a_bad_command_is_stopped(program: Program, case: str, command: str) -> None:
    config, words = BAD[case]
    assert_stopped(program, program.run(RUNS[command], **config), "commands", words)


@pytest.mark.parametrize("case", sorted(BAD.keys() - {"an inline script", "triggers", "no pinned key"}))
def test_an_update_of_a_bad_command_is_stopped(program: Program, case: str) -> None:
    config, words = BAD[case]
    assert_stopped(program, program.run(UP, **config), "commands", words)


@pytest.mark.parametrize("command", RUNS)
def test_a_secret_in_plain_text_is_stopped(program: Program, command: str) -> None:
    update = program.run(RUNS[command], properties={"stdin": f"step_limit=60\ntouch {TARGET} # {SECRET}\n"})
    assert_stopped(program, update, "secrets", "step: stdin contains a value in plain text that looks like a secret")
    assert SECRET not in update.output.partition("Policies:")[2].partition("Diagnostics:")[0]


def assert_stopped(program: Program, update: Update, rule: str, words: str) -> None:
    assert update.status != 0
    assert rule in violations(update.output, "mandatory"), update.output
    assert words in update.output
    assert not program.ran()


def test_a_value_that_is_unknown_in_the_preview_is_reported_and_stops_the_update(program: Program) -> None:
    program.destroy()
    preview = program.run(PREVIEW, stdin="plain text")
    assert preview.status == 0, preview.output
    assert violations(preview.output, "mandatory") == set()
    assert "step: stdin is unknown before the update; commands was not evaluated" in preview.output
    assert "step: stdin is unknown before the update; secrets was not evaluated" in preview.output
    assert_stopped(
        program,
        program.run(UP, stdin="plain text"),
        "secrets",
        "step: stdin contains a value in plain text that looks like",
    )


def test_a_value_that_is_marked_as_a_secret_passes(program: Program) -> None:
    for command in (PREVIEW, UP):
        update = program.run(command, stdin="hidden")
        assert update.status == 0, update.output
        assert violations(update.output, "mandatory") == set()
    assert program.ran()
    again = program.run(PREVIEW, stdin="hidden")
    assert (again.status, "is unknown before the update" in again.output) == (0, False)

"""The pack stops commands and secrets that the project's own program never makes; the host is not touched."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.policy.conftest import PREVIEW, RUNS, UP, violations
from tests.support.cluster import Cluster, Update
from tests.support.labs import lab_name, taken
from tests.support.stacks import bare

pytestmark = pytest.mark.lab
HERE = Path(__file__).parent
PACK = ("--policy-pack", str(HERE.parents[2] / "policy"))
TARGET = "/var/tmp/stepped"  # noqa: S108 - what the step makes on the host
RUNTIME = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
WORD = "hQ7vR2mXbT9kLpZ4cW8nYsD3gJ6fA1eU"


class Program:
    """The program of one step, in a project of its own, on a bare lab host."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self.cluster = cluster
        self.directory = directory
        (directory / "Pulumi.yaml").write_text(json.dumps({"name": "try", "runtime": RUNTIME}))
        (directory / "__main__.py").write_text((HERE / "programs/step.py").read_text())
        (directory / ".venv").symlink_to(cluster.stack.project / ".venv")
        cluster.stack.pulumi("stack", "init", "step", "--no-select", cwd=directory)

    def run(self, command: tuple[str, ...], **config: Any) -> Update:  # noqa: ANN401 - any value
        """Run a command with the pack, the stack's configuration being what is said."""
        lines = (self.cluster.lab.state / "known_hosts").read_text().splitlines()
        host, *key = next(line.split() for line in lines if line.startswith("h1.") and "ssh-ed25519" in line)
        where = {"host": host.split(",")[0], "host_key": " ".join(key[:2]), "user": "centos", "target": TARGET}
        values = {f"try:{name}": value for name, value in {**where, **config}.items()}
        file = self.directory / "Pulumi.step.yaml"
        kept = yaml.safe_load(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**kept, "config": values}))
        done = self.cluster.stack.pulumi(*command, "--stack", "step", *PACK, cwd=self.directory, check=False)
        return Update(done.returncode, done.stdout + done.stderr, {}, {})

    def forget(self) -> None:
        """Take all away that former updates made."""
        self.cluster.stack.pulumi("destroy", "--yes", "--skip-preview", "--stack", "step", cwd=self.directory)

    @property
    def touched(self) -> bool:
        """Say whether the step ran on the host, and clear its trace."""
        found = (self.cluster.lab.upper("h1") / TARGET.lstrip("/")).exists()
        self.cluster.root(f"rm -f {TARGET}")
        return found


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Return the program on a bare host."""
    with taken(lab_name("steps")) as lab:
        yield Program(bare(lab, "test"), tmp_path_factory.mktemp("step"))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an inline script": ({"properties": {"create": f"touch {TARGET}"}}, "create is not the launcher"),
    "triggers": ({"properties": {"triggers": ["now"]}}, "has triggers: they replace"),
    "an environment": ({"properties": {"environment": {"A": "b"}}}, "has environment"),
    "its output logged": ({"properties": {"logging": "stdoutAndStderr"}}, "logs its output"),
    "no limit": ({"properties": {"stdin": f"touch {TARGET}\n"}}, "has no time limit"),
    "no pinned key": ({"connection": {"host_key": ""}}, "does not pin its host's ed25519 or ecdsa key"),
    "a password": ({"connection": {"password": WORD}}, "logs in with a password"),
}


@pytest.mark.parametrize("command", RUNS)
@pytest.mark.parametrize("what", ["an inline script", "triggers", "no pinned key"])
def test_a_command_with(program: Program, what: str, command: str) -> None:
    config, words = BAD[what]
    _stopped(program, program.run(RUNS[command], **config), "commands", words)


@pytest.mark.parametrize("what", sorted(BAD.keys() - {"an inline script", "triggers", "no pinned key"}))
def test_an_update_of_a_command_with(program: Program, what: str) -> None:
    config, words = BAD[what]
    _stopped(program, program.run(UP, **config), "commands", words)


@pytest.mark.parametrize("command", RUNS)
def test_a_secret_in_clear(program: Program, command: str) -> None:
    update = program.run(RUNS[command], properties={"stdin": f"step_limit=60\ntouch {TARGET} # {WORD}\n"})
    _stopped(program, update, "secrets", "step: stdin contains a value in plain text that looks like a secret")
    assert WORD not in update.said.partition("Policies:")[2].partition("Diagnostics:")[0]


def _stopped(program: Program, update: Update, rule: str, words: str) -> None:
    assert update.status != 0
    assert rule in violations(update.said, "mandatory"), update.said
    assert words in update.said
    assert not program.touched


def test_a_value_that_the_preview_does_not_know_is_told_and_stops_the_update(program: Program) -> None:
    program.forget()
    preview = program.run(PREVIEW, stdin="in clear")
    assert preview.status == 0, preview.said
    assert violations(preview.said, "mandatory") == set()
    assert "step: stdin is unknown before the update; commands was not evaluated" in preview.said
    assert "step: stdin is unknown before the update; secrets was not evaluated" in preview.said
    _stopped(
        program,
        program.run(UP, stdin="in clear"),
        "secrets",
        "step: stdin contains a value in plain text that looks like",
    )


def test_the_same_marked_as_a_secret_passes(program: Program) -> None:
    for command in (PREVIEW, UP):
        update = program.run(command, stdin="hidden")
        assert update.status == 0, update.said
        assert violations(update.said, "mandatory") == set()
    assert program.touched
    again = program.run(PREVIEW, stdin="hidden")
    assert (again.status, "is unknown before the update" in again.said) == (0, False)

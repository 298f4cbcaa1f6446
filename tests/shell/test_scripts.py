"""Each script: first run, second run unchanged, and every way in which it says no.

A case is a file of `cases/`, named after its script, and where a script has several, after what is special:
    script, inputs, secrets   what the plan would give; a secret {file: NAME} is what NAME holds
    make                      shell run here, in an empty directory, that makes such files
    arrange                   shell run as root before each sequence; `stub NAME` writes standard input to a command
    runs                      what consecutive runs say; before a run, `before` is shell that changes the host
                              and `secrets` other secrets from then on
    check                     shell that must succeed after the runs
    refuses                   sequences that fail: `before` and `secrets`, then the step says `says` and exits 1; below
                              that `shows` texts and nowhere those that it `hides`; shell `then` succeeds afterwards
"""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.facts.queries import SCRIPTS
from components.installation import Phase, Row
from components.steps.model import Step
from components.steps.script import COMPONENTS, LIBRARIES, SHARED, TRANSFER, launcher, render
from components.topology.cluster import Node
from lab.hosts import Lab

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NODE = Node("infra", "h1.lab.internal", "10.77.0.11", ())
STUB = """
set -eu
mkdir -p /opt/stub
stub() { { echo '#!/bin/bash'; cat; } >"/opt/stub/$1"; chmod 755 "/opt/stub/$1"; }
"""
CLEAN = "rm -rf /var/lib/deephaven-install /var/log/deephaven-install /opt/stub /usr/local/sbin/*" + STUB

pytestmark = pytest.mark.lab


class Bench:
    """One case on the host."""

    def __init__(self, lab: Lab, case: dict[str, Any]) -> None:
        self._lab = lab
        self._case = case
        self._arranged = CLEAN + case.get("arrange", "")
        self._files = _made(case.get("make", ""))
        self.secrets: dict[str, str] = {}
        inputs = {key: tuple(value) if isinstance(value, list) else str(value) for key, value in case["inputs"].items()}
        self._action = Step(
            row=Row(case.get("step", "trial"), "-", "-", Phase.HOSTS, case["script"]), node=NODE, after=(),
            limit=case.get("limit", 60),
            inputs=inputs, secrets={key: key for key in case.get("secrets", {})},
        )  # fmt: skip
        self.give(case.get("secrets", {}))

    def give(self, secrets: Mapping[str, Any]) -> None:
        """Let the next runs have other values of these secrets."""
        given = {key: value if isinstance(value, str) else self._files[value["file"]] for key, value in secrets.items()}
        self.secrets.update(given)

    def arrange(self, more: str = "") -> None:
        """Bring the host into the state before the first run."""
        self.shell(f"{self._arranged}\n{more}")

    def shell(self, text: str) -> None:
        """Run shell as root; raises LabError when it fails."""
        self._lab.shell("h1", text)

    def run(self) -> tuple[int, str]:
        """Run the step; return its exit status and all it said."""
        done = self._lab.ssh("h1", launcher(self._action.name), input=render(self._action, self.secrets), check=False)
        return done.returncode, done.stdout + done.stderr


def _made(shell: str) -> dict[str, str]:
    """Run shell in an empty directory and return what it left there, by name."""
    if not shell:
        return {}
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["bash", "-euc", shell], cwd=directory, check=True, capture_output=True)
        return {file.name: file.read_text().strip() for file in Path(directory).iterdir()}


def _sequences() -> list[Any]:
    cases = [(file.stem, yaml.safe_load(file.read_text())) for file in CASES]
    return [
        pytest.param(case, refusal, id=f"{name}-{refusal['says'][:40]}")
        for name, case in cases
        for refusal in case.get("refuses", [])
    ]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_runs_and_runs_again(lab: Lab, file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    bench = Bench(lab, case)
    bench.arrange()
    for run in case["runs"]:
        if "before" in run:
            bench.shell(STUB + run["before"])
        bench.give(run.get("secrets", {}))
        status, said = bench.run()
        # fingerprints of certificates that the case has just made cannot stand in its file
        assert (status, re.sub("([0-9A-F]{2}:){31}[0-9A-F]{2}", "SHA256", said)) == (0, run["says"].rstrip("\n") + "\n")
    if "check" in case:
        bench.shell("set -eu\n" + case["check"])


@pytest.mark.parametrize(("case", "refusal"), _sequences())
def test_says_no(lab: Lab, case: dict[str, Any], refusal: dict[str, Any]) -> None:
    bench = Bench(lab, case)
    bench.arrange(refusal.get("before", ""))
    bench.give(refusal.get("secrets", {}))
    status, said = bench.run()
    first, remedy, log = said.splitlines()[:3]
    assert first.startswith(f"infra (h1.lab.internal): step {case.get('step', 'trial')}: ")
    assert refusal["says"] in first
    assert remedy.startswith("  what to do: ")
    assert log.startswith("  its log on infra (h1.lab.internal): sudo cat /var/log/deephaven-install/")
    assert status == refusal.get("status", 1)
    assert [text for text in refusal.get("shows", []) if text not in said] == []
    assert [text for text in refusal.get("hides", []) if text in said] == []
    if "then" in refusal:
        bench.shell(refusal["then"])
    for secret in bench.secrets.values():
        assert not [line for line in secret.split("\n") if line and line in said]


def test_every_script_has_a_case() -> None:
    scripts = {str(path.relative_to(COMPONENTS)) for path in COMPONENTS.rglob("scripts/*.sh")}
    no_step = {*LIBRARIES, *SHARED, *SCRIPTS, TRANSFER}
    assert {yaml.safe_load(file.read_text())["script"] for file in CASES} == scripts - no_step


def test_every_script_has_a_case_in_which_a_vendor_script_fails_by_status_and_by_word() -> None:
    says: dict[str, str] = {}
    for file in CASES:
        case = yaml.safe_load(file.read_text())
        refusals = " ".join(refusal["says"] for refusal in case["refuses"])
        says[case["script"]] = says.get(case["script"], "") + refusals
    for script, refusals in says.items():
        if "run_vendor " in (COMPONENTS / script).read_text():
            assert "exited with status" in refusals, script
            assert 'reported "failed"' in refusals, script

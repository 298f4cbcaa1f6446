"""Tests of each script: a first run, a second run that changes nothing, and every failure.

A case is a file in `cases/`, named after its script; if a script has several cases, also after their difference:
    script, inputs, secrets   the values from the plan; a secret {file: NAME} is the content of the file NAME
    make                      shell that creates such files; it runs on this machine in an empty directory
    arrange                   shell that runs as root before each sequence; `stub NAME` creates a command from its input
    runs                      consecutive runs with their expected output, `says`; `before` is shell that changes the
                              host before a run, and `secrets` replaces secrets for this run and the following ones
    check                     shell that must succeed after the runs
    refuses                   runs that must fail, after `before` and with `secrets`: the error's first line contains
                              `says`, the output contains each of `shows` and none of `hides`; `then` is shell that
                              must succeed afterwards
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
from components.steps.script import COMPONENTS, RUNTIME, TRANSFER, launcher, render
from components.topology.cluster import Node
from lab.hosts import Lab
from tests.support.runtime import INSTALL, answered

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NODE = Node("infra", "h1.lab.internal", "10.77.0.11", ())
STUB = """
set -eu
mkdir -p /opt/stub
stub() { { echo '#!/bin/bash'; cat; } >"/opt/stub/$1"; chmod 755 "/opt/stub/$1"; }
"""
CLEAN = f"rm -rf /var/lib/deephaven-install /var/log/deephaven-install /opt/stub /usr/local/sbin/*\n{INSTALL}\n{STUB}"

pytestmark = pytest.mark.lab


class Bench:
    """A case on the host."""

    def __init__(self, lab: Lab, case: dict[str, Any]) -> None:
        self._lab = lab
        self._case = case
        self._arrange = CLEAN + case.get("arrange", "")
        self._files = _generated(case.get("make", ""))
        self.secrets: dict[str, str] = {}
        inputs = {key: tuple(value) if isinstance(value, list) else str(value) for key, value in case["inputs"].items()}
        self._step = Step(
            row=Row(case.get("step", "trial"), "-", "-", Phase.HOSTS, case["script"]), node=NODE, after=(),
            limit=case.get("limit", 60),
            inputs=inputs, secrets={key: key for key in case.get("secrets", {})},
        )  # fmt: skip
        self.replace(case.get("secrets", {}))

    def replace(self, secrets: Mapping[str, Any]) -> None:
        """Replace the values of these secrets for the following runs."""
        for key, value in secrets.items():
            self.secrets[key] = value if isinstance(value, str) else self._files[value["file"]]

    def arrange(self, more: str = "") -> None:
        """Prepare the host for the first run."""
        self.shell(f"{self._arrange}\n{more}")

    def shell(self, text: str) -> None:
        """Run shell as root; raises LabError when it fails."""
        self._lab.shell("h1", text)

    def run(self) -> tuple[int, str]:
        """Run the step; return its exit status and its whole output."""
        result = self._lab.ssh("h1", launcher(self._step.name), input=render(self._step, self.secrets), check=False)
        return result.returncode, answered(self._step, result.stdout) + result.stderr


def _generated(shell: str) -> dict[str, str]:
    """Run shell in an empty directory and return the files that it created there, by name."""
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
def test_first_and_repeated_runs(lab: Lab, file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    bench = Bench(lab, case)
    bench.arrange()
    for run in case["runs"]:
        if "before" in run:
            bench.shell(STUB + run["before"])
        bench.replace(run.get("secrets", {}))
        status, output = bench.run()
        # a case cannot quote the fingerprints of the certificates that it generates
        output = re.sub("([0-9A-F]{2}:){31}[0-9A-F]{2}", "SHA256", output)
        assert (status, output) == (0, run["says"].rstrip("\n") + "\n")
    if "check" in case:
        bench.shell("set -eu\n" + case["check"])


@pytest.mark.parametrize(("case", "refusal"), _sequences())
def test_failures(lab: Lab, case: dict[str, Any], refusal: dict[str, Any]) -> None:
    bench = Bench(lab, case)
    bench.arrange(refusal.get("before", ""))
    bench.replace(refusal.get("secrets", {}))
    status, output = bench.run()
    first, remedy, log = output.splitlines()[:3]
    assert first.startswith(f"infra (h1.lab.internal): step {case.get('step', 'trial')}: ")
    assert refusal["says"] in first
    assert remedy.startswith("  what to do: ")
    assert log.startswith("  its log on infra (h1.lab.internal): sudo cat /var/log/deephaven-install/")
    assert status == refusal.get("status", 1)
    assert [text for text in refusal.get("shows", []) if text not in output] == []
    assert [text for text in refusal.get("hides", []) if text in output] == []
    if "then" in refusal:
        bench.shell(refusal["then"])
    for secret in bench.secrets.values():
        assert not [line for line in secret.split("\n") if line and line in output]


def test_every_script_has_a_case() -> None:
    scripts = {str(path.relative_to(COMPONENTS)) for path in COMPONENTS.rglob("scripts/*.sh")}
    no_step = {*RUNTIME, *SCRIPTS, TRANSFER}
    assert {yaml.safe_load(file.read_text())["script"] for file in CASES} == scripts - no_step


def test_every_script_has_cases_of_a_vendor_script_that_fails_by_status_and_by_message() -> None:
    texts: dict[str, str] = {}
    for file in CASES:
        case = yaml.safe_load(file.read_text())
        refusals = " ".join(refusal["says"] for refusal in case["refuses"])
        texts[case["script"]] = texts.get(case["script"], "") + refusals
    for script, refusals in texts.items():
        if "run_vendor " in (COMPONENTS / script).read_text():
            assert "exited with status" in refusals, script
            assert 'reported "failed"' in refusals, script

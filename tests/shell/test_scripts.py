"""Tests of each script: a first run, a second run that changes nothing, and every failure."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.facts.queries import SCRIPTS
from components.steps.script import COMPONENTS, RUNTIME, TRANSFER
from lab.hosts import Lab
from tests.shell.bench import CASES, STUB, Bench

pytestmark = pytest.mark.lab


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

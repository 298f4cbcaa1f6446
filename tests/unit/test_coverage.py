"""The coverage gate: all pure planning code is measured, and a branch that no test takes fails the gate."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.unit.conftest import PROJECT

SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
HALF = "def sign(number):\n    if number < 0:\n        return -1\n    return 1\n"


def test_all_packages_that_import_linter_keeps_pure_are_measured() -> None:
    contracts = SETTINGS["importlinter"]["contracts"]
    (pure,) = [item["source_modules"] for item in contracts if item["name"].startswith("Planning is pure")]
    assert SETTINGS["coverage"]["run"]["source_pkgs"] == pure


def _gate(directory: Path, *numbers: int) -> int:
    """Return the exit status of the gate over a function that is called with these numbers."""
    (directory / "half.py").write_text(HALF)
    (directory / "calls.py").write_text(f"import half\nfor number in {numbers}: half.sign(number)\n")
    least = str(SETTINGS["coverage"]["report"]["fail_under"])
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "run", "--branch", "--include=half.py", "calls.py"], cwd=directory, check=True)
    report = [*coverage, "report", "--fail-under", least]
    return subprocess.run(report, cwd=directory, check=False, stdout=subprocess.DEVNULL).returncode


def test_the_gate_fails_if_a_branch_is_never_taken(tmp_path: Path) -> None:
    assert _gate(tmp_path, 1, 2) == 2
    assert _gate(tmp_path, 1, -1) == 0

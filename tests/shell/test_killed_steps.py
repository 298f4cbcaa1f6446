"""Tests of every script killed after one of its commands: the next run leaves what an undisturbed run leaves."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.hosts import Lab
from tests.shell.bench import CASES
from tests.shell.interrupt import SLOW, SOME, WITH_RUNTIME, interrupt, place

LAB = "stepkill"

pytestmark = pytest.mark.lab


def _changing() -> list[Any]:
    """Return each run of a case that changes the host, and each first run."""
    return [
        pytest.param(file, number, id=f"{file.stem}-{number}")
        for file in CASES
        for number, run in enumerate(yaml.safe_load(file.read_text())["runs"])
        if number == 0 or "changed:" in run["says"]
    ]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_step_that_is_killed_once_converges(lab: Lab, file: Path) -> None:
    interrupt(lab, file, place=place(file, "kill"), whole="yes")


@pytest.mark.long
@pytest.mark.parametrize(("file", "run"), _changing())
def test_a_step_that_is_killed_after_each_command_converges(lab: Lab, file: Path, run: int) -> None:
    whole = "yes" if file.stem in WITH_RUNTIME else ""
    # later runs need the earlier ones each time
    every = SOME if run or file.stem in SLOW else 1
    interrupt(lab, file, run, whole=whole, first=1 + run % every, every=every)

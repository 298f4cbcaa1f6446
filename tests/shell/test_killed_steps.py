"""Tests of every script killed after one of its commands: the next run leaves what an undisturbed run leaves.

The vendor's commands are fakes, each of which counts as one command. SIGKILL ends the whole session of the step.
"""

import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.hosts import Lab
from tests.shell.bench import CASES, STUB, Bench

LAB = "killsteps"
HERE = Path(__file__).parent
LATER = 4
DIRECTORY = "/root/kill"
# The runtime's own commands are the same in every step; those of these cases are killed, too.
WITH_RUNTIME = ("place-file", "generate-keys")
# Scripts whose vendor command may run once in the cluster's life.
ONCE = ("generate-config", "generate-keys", "init-acl-database", "init-admin", "init-external-database", "run-once")

pytestmark = pytest.mark.lab


def kill(lab: Lab, file: Path, run: int, **options: object) -> None:
    """Kill a case's run after the commands that the options select; each time, the next run must succeed.

    The options are those of kill-steps.sh.
    """
    case = yaml.safe_load(file.read_text())
    bench = Bench(lab, case)
    _provide(lab.root("h1") / DIRECTORY.strip("/"), case, bench, run)
    once = "yes" if Path(case["script"]).stem in ONCE else ""
    values = {"name": bench.step.name, "last": run, "once": once, **options}
    settings = " ".join(f"{key}={value}" for key, value in values.items())
    text = f"cd {DIRECTORY}; {settings}\n{(HERE / 'kill-steps.sh').read_text()}"
    *problems, end = lab.shell("h1", text).stdout.splitlines()
    assert problems == []
    kills = re.fullmatch(r"killed (\d+) of \d+", end)
    assert kills is not None, end
    assert int(kills[1]) > 0


def _provide(directory: Path, case: dict[str, Any], bench: Bench, run: int) -> None:
    """Write the files that kill-steps.sh needs."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / "arrange.sh").write_text(bench.arrangement)
    (directory / "again.sh").write_text(case.get("again", ""))
    (directory / "trap.sh").write_text(f"kill_directory={DIRECTORY}\n{(HERE / 'kill-trap.sh').read_text()}")
    for number, values in enumerate(case["runs"][: run + 1]):
        bench.replace(values.get("secrets", {}))
        (directory / f"before-{number}.sh").write_text(STUB + values.get("before", ""))
        (directory / f"run-{number}").write_text(bench.input())


def _changing() -> list[Any]:
    """Return each run of a case that changes the host, and each first run."""
    return [
        pytest.param(file, number, id=f"{file.stem}-{number}")
        for file in CASES
        for number, run in enumerate(yaml.safe_load(file.read_text())["runs"])
        if number == 0 or "changed:" in run["says"]
    ]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_step_killed_once_converges(lab: Lab, file: Path) -> None:
    kill(lab, file, 0, place=zlib.crc32(file.name.encode()) % 100, runtime="yes")


@pytest.mark.long
@pytest.mark.parametrize(("file", "run"), _changing())
def test_a_step_killed_after_each_command_converges(lab: Lab, file: Path, run: int) -> None:
    runtime = "yes" if file.stem in WITH_RUNTIME else ""
    if run == 0:
        kill(lab, file, run, runtime=runtime)
    else:  # later runs need the earlier ones each time, so that each fourth command has to do
        kill(lab, file, run, runtime=runtime, first=1 + run % LATER, every=LATER)

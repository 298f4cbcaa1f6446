"""Interrupts a script after each of its commands: the next run must leave what an undisturbed run leaves.

The vendor's commands are fakes, each of which counts as one command. SIGKILL ends the whole session of the step, or
the disk of the steps' state becomes full.
"""

import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import yaml

from lab.hosts import Lab
from tests.shell.bench import STUB, Bench

HERE = Path(__file__).parent
DIRECTORY = "/root/interrupted"
STATE = "/var/lib/deephaven-install"
# The runtime's own commands are the same in every step; those of these cases are interrupted, too.
WITH_RUNTIME = ("place-file", "generate-keys")
# Scripts whose vendor command may run once in the cluster's life.
ONCE = ("generate-config", "generate-keys", "init-acl-database", "init-admin", "init-external-database", "run-once")
# Cases that really start monit or install packages, which takes seconds.
SLOW = ("configure-monit", "install-packages", "install-packages-by-zypper")
SOME = 4


def interrupt(lab: Lab, file: Path, run: int = 0, **options: object) -> None:
    """Interrupt a case's run after the commands that the options select; each time, the next run must succeed.

    The options are those of interrupt-steps.sh.
    """
    case = yaml.safe_load(file.read_text())
    bench = Bench(lab, case)
    _provide(lab.root("h1") / DIRECTORY.strip("/"), case, bench, run)
    once = "yes" if Path(case["script"]).stem in ONCE else ""
    values = {"name": bench.step.name, "last": run, "once": once, "fault": "kill", "disk": STATE, **options}
    settings = " ".join(f"{key}={value}" for key, value in values.items())
    text = f"cd {DIRECTORY}; {settings}\n{(HERE / 'interrupt-steps.sh').read_text()}"
    *problems, end = lab.shell("h1", text).stdout.splitlines()
    assert problems == [], problems
    interrupted = re.fullmatch(r"interrupted (\d+) of \d+", end)
    assert interrupted is not None, end
    assert int(interrupted[1]) > 0


def _provide(directory: Path, case: dict[str, Any], bench: Bench, run: int) -> None:
    """Write the files that interrupt-steps.sh needs."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / "arrange.sh").write_text(bench.arrangement)
    (directory / "again.sh").write_text(case.get("again", ""))
    (directory / "trap.sh").write_text(f"trap_directory={DIRECTORY}\n{(HERE / 'interrupt-trap.sh').read_text()}")
    for number, values in enumerate(case["runs"][: run + 1]):
        bench.replace(values.get("secrets", {}))
        (directory / f"before-{number}.sh").write_text(STUB + values.get("before", ""))
        (directory / f"run-{number}").write_text(bench.input())


def place(file: Path, name: str) -> int:
    """Return a percentage that is always the same for a case and a test."""
    return zlib.crc32(f"{name} {file.name}".encode()) % 100

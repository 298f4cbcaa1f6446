"""The cases of the scripts, and the host that they run on.

A case is a file in `cases/`, named after its script; if a script has several cases, also after their difference:
    script, inputs, secrets   the values from the plan; a secret {file: NAME} is the content of the file NAME
    make                      shell that creates such files; it runs on this machine in an empty directory
    arrange                   shell that runs as root before each sequence; `stub NAME` creates a command from its input
    again                     shell that provides again what a transfer sends, before a run after a killed one
    runs                      consecutive runs with their expected output, `says`; `before` is shell that changes the
                              host before a run, and `secrets` replaces secrets for this run and the following ones
    check                     shell that must succeed after the runs
    refuses                   runs that must fail, after `before` and with `secrets`: the error's first line contains
                              `says`, the output contains each of `shows` and none of `hides`; `then` is shell that
                              must succeed afterwards
"""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.installation import Phase, Row
from components.steps.model import Step
from components.steps.script import launcher, render
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
UNMOUNT = "awk '$5 ~ \"^/opt/stub/\" { print $5 }' /proc/self/mountinfo | tac | xargs -r -n 1 umount"
REMOVE = "rm -rf /var/lib/deephaven-install /var/log/deephaven-install /opt/stub /usr/local/sbin/*"
CLEAN = f"{UNMOUNT}\n{REMOVE}\n{INSTALL}\n{STUB}"


class Bench:
    """A case on the host."""

    def __init__(self, lab: Lab, case: dict[str, Any]) -> None:
        self._lab = lab
        self._case = case
        self.arrangement = CLEAN + case.get("arrange", "")
        self._files = _generated(case.get("make", ""))
        self.secrets: dict[str, str] = {}
        inputs = {key: tuple(value) if isinstance(value, list) else str(value) for key, value in case["inputs"].items()}
        self.step = Step(
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
        self.shell(f"{self.arrangement}\n{more}")

    def shell(self, text: str) -> None:
        """Run shell as root; raises LabError when it fails."""
        self._lab.shell("h1", text)

    def input(self) -> str:
        """Return the standard input of the step."""
        return render(self.step, self.secrets)

    def run(self) -> tuple[int, str]:
        """Run the step; return its exit status and its whole output."""
        result = self._lab.ssh("h1", launcher(self.step.name), input=self.input(), check=False)
        return result.returncode, answered(self.step, result.stdout) + result.stderr


def _generated(shell: str) -> dict[str, str]:
    """Run shell in an empty directory and return the files that it created there, by name."""
    if not shell:
        return {}
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["bash", "-euc", shell], cwd=directory, check=True, capture_output=True)
        return {file.name: file.read_text().strip() for file in Path(directory).iterdir()}

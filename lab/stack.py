"""A stack on lab hosts: pulumi as the lab's operator runs it, on a file backend of that lab."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.engine.find import Engine
from lab.hosts import Lab, LabError
from lab.stages import PROJECT, logged

OPERATOR = "operator"
PASSPHRASE = "lab"  # noqa: S105 - a lab's secrets are worth nothing; real stacks choose their own


def stack_file(name: str, project: Path = PROJECT) -> Path:
    """Return a stack's file; raises LabError that names the stacks there are."""
    file = project / "stacks" / f"Pulumi.{name}.yaml"
    if not file.exists():
        known = ", ".join(sorted(path.name.split(".")[1] for path in file.parent.glob("Pulumi.*.yaml")))
        raise LabError(f"there is no stack {name}; known: {known}")
    return file


class Stack:
    """A stack by its name, deployed from a checkout onto a lab's hosts."""

    def __init__(self, lab: Lab, name: str, *, engine: Engine, project: Path = PROJECT) -> None:
        self.lab = lab
        self.name = name
        self.project = project
        self.file = stack_file(name, project)
        self.engine = engine

    @property
    def hosts(self) -> int:
        """How many lab hosts the stack needs: the highest number among its names hN.lab.internal."""
        return max(int(number) for number in re.findall(r"\bh(\d+)\.lab\.internal", self.file.read_text()))

    @property
    def dress(self) -> dict[str, str]:
        """Which lab hosts are of another system than CentOS: those with `os` beside their name in the stack file."""
        hosts = re.findall(r"\{[^{}]*\bfqdn: h\d+\.lab\.internal\b[^{}]*\}", self.file.read_text().replace('"', ""))
        found = {re.search(r"\bfqdn: (h\d+)", host): re.search(r"\bos: (\w+)", host) for host in hosts}
        return {name[1]: system[1] for name, system in found.items() if name and system and system[1] != "centos"}

    def provision_external(self) -> str:
        """Provision the external resources of the stack by the scripts in lab/fixtures/STACK.

        `operator.sh` runs on the operator's machine, HOST.sh as root on that host.
        """
        scripts = sorted((self.project / "lab/fixtures" / self.name).glob("*.sh"))
        for script in scripts:
            if script.stem == OPERATOR:
                logged([str(script)], f"fixtures-{self.name}")
            else:
                self.lab.shell(script.stem, script.read_text())
        return " ".join(script.stem for script in scripts)

    @property
    def env(self) -> dict[str, str]:
        """The environment in which `pulumi` works by hand; only for the lab, never for a user's own stacks."""
        return {
            **self.lab.env,
            **self.engine.environment(self.lab.state / "pulumi", PASSPHRASE),
            "PATH": f"{self.engine.directory}:{self.project / '.venv/bin'}:{os.environ['PATH']}",
            "PULUMI_HOME": str(self._home),
        }

    @property
    def _home(self) -> Path:
        """Pulumi's home of this lab: it keeps which stack is selected; plugins are those of the engine."""
        return self.lab.state / "pulumi-home"

    def init(self) -> bool:
        """Make the stack on the lab's backend and select it; say whether it was missing."""
        (self.lab.state / "pulumi").mkdir(parents=True, exist_ok=True)
        shared = Path(self.engine.environment(self._home)["PULUMI_HOME"]) / "plugins"
        if not self._home.exists():
            shared.mkdir(parents=True, exist_ok=True)
            self._home.mkdir()
            # A file where the engine wants a directory: it then keeps no debugging log, 5 MB and a quarter of its time.
            (self._home / "logs").touch()
            (self._home / "plugins").symlink_to(shared)
        if self.pulumi("stack", "select", self.name, check=False).returncode == 0:
            return False
        self.pulumi("stack", "init", self.name)
        return True

    def pulumi(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run pulumi to its end; options are those of `Lab.exec`."""
        return self.lab.exec(self.command(*arguments), **self._surroundings(options))

    def popen(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":  # noqa: ANN401
        """Start pulumi; options are those of `Lab.popen`."""
        return self.lab.popen(self.command(*arguments), **self._surroundings(options))

    def command(self, *arguments: str) -> Sequence[str]:
        """Return the words of a pulumi command; away from a terminal it shows no progress and no colours."""
        plain = [] if sys.stdout.isatty() else ["--non-interactive", "--color=never"]
        return ["pulumi", *plain, *arguments]

    def _surroundings(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"cwd": self.project, **options, "env": {**self.env, **options.get("env", {})}}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        return found

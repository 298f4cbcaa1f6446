"""A stack on lab hosts: pulumi runs as the lab's operator, on a file backend of that lab."""

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
PASSPHRASE = "lab"  # noqa: S105 - a lab's secrets protect nothing; real stacks choose their own


def stack_file(name: str, project: Path = PROJECT) -> Path:
    """Return a stack's file; raise LabError that lists the existing stacks if it is missing."""
    file = project / "stacks" / f"Pulumi.{name}.yaml"
    if not file.exists():
        stacks = ", ".join(sorted(path.name.split(".")[1] for path in file.parent.glob("Pulumi.*.yaml")))
        raise LabError(f"stack {name}: unknown; use one of: {stacks}")
    return file


class Stack:
    """A stack, identified by its name, that is deployed from a checkout onto a lab's hosts."""

    def __init__(self, lab: Lab, name: str, *, engine: Engine, project: Path = PROJECT) -> None:
        self.lab = lab
        self.name = name
        self.project = project
        self.file = stack_file(name, project)
        self.engine = engine

    @property
    def hosts(self) -> int:
        """The number of lab hosts that the stack needs: the highest N of its names hN.lab.internal."""
        return max(int(number) for number in re.findall(r"\bh(\d+)\.lab\.internal", self.file.read_text()))

    @property
    def os_images(self) -> dict[str, str]:
        """The OS image of each lab host that does not use CentOS: the `os` next to its name in the stack file."""
        hosts = re.findall(r"\{[^{}]*\bfqdn: h\d+\.lab\.internal\b[^{}]*\}", self.file.read_text().replace('"', ""))
        images = {re.search(r"\bfqdn: (h\d+)", host): re.search(r"\bos: (\w+)", host) for host in hosts}
        return {name[1]: image[1] for name, image in images.items() if name and image and image[1] != "centos"}

    def provision_external(self) -> str:
        """Provision the external resources of the stack with the scripts in lab/fixtures/STACK.

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
        """The environment in which `pulumi` can be run by hand; only for the lab, never for a user's own stacks."""
        return {
            **self.lab.env,
            **self.engine.environment(self.lab.state / "pulumi", PASSPHRASE),
            "PATH": f"{self.engine.directory}:{self.project / '.venv/bin'}:{os.environ['PATH']}",
            "PULUMI_HOME": str(self._home),
        }

    @property
    def _home(self) -> Path:
        """PULUMI_HOME of this lab, which holds the selected stack; its plugins are those of the engine."""
        return self.lab.state / "pulumi-home"

    def init(self) -> bool:
        """Create the stack on the lab's backend if it is missing, and select it; return whether it was missing."""
        (self.lab.state / "pulumi").mkdir(parents=True, exist_ok=True)
        shared = Path(self.engine.environment(self._home)["PULUMI_HOME"]) / "plugins"
        if not self._home.exists():
            shared.mkdir(parents=True, exist_ok=True)
            self._home.mkdir()
            # A file in place of its log directory keeps the engine from writing 5 MB of logs in a quarter of its time.
            (self._home / "logs").touch()
            (self._home / "plugins").symlink_to(shared)
        if self.pulumi("stack", "select", self.name, check=False).returncode == 0:
            return False
        self.pulumi("stack", "init", self.name)
        return True

    def pulumi(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run pulumi and wait for it; options are those of `Lab.exec`."""
        return self.lab.exec(self.command(*arguments), **self._with_environment(options))

    def popen(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":  # noqa: ANN401
        """Start pulumi; options are those of `Lab.popen`."""
        return self.lab.popen(self.command(*arguments), **self._with_environment(options))

    def command(self, *arguments: str) -> Sequence[str]:
        """Return the argument list of pulumi; without a terminal it shows neither progress nor colours."""
        plain = [] if sys.stdout.isatty() else ["--non-interactive", "--color=never"]
        return ["pulumi", *plain, *arguments]

    def _with_environment(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"cwd": self.project, **options, "env": {**self.env, **options.get("env", {})}}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        return outputs

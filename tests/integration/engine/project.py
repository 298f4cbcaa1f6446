"""A Pulumi project in a scratch directory, run by the built engine on its own file backend."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab.engine.find import Engine

HERE = Path(__file__).parent
QUIET = ("--yes", "--skip-preview", "--suppress-progress")
RUNTIME = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}


class Project:
    """One project with one stack."""

    def __init__(self, directory: Path, engine: Engine, program: str) -> None:
        self.directory = directory / "project"
        self.backend = directory / "backend"
        self.directory.mkdir()
        self.backend.mkdir()
        path = f"{engine.directory}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | engine.environment(self.backend) | {"PATH": path}
        (self.directory / "Pulumi.yaml").write_text(json.dumps({"name": "try", "runtime": RUNTIME}))
        self.program(program)
        self.pulumi("stack", "init", "test")

    def program(self, name: str) -> None:
        """Replace the project's program."""
        shutil.copyfile(HERE / f"programs/{name}.py", self.directory / "__main__.py")

    def pack(self) -> Path:
        """Copy the policy pack next to the project, and return its directory."""
        pack = self.directory.parent / "pack"
        shutil.copytree(HERE / "pack", pack)
        (pack / "PulumiPolicy.yaml").write_text(json.dumps({"description": "words", "runtime": RUNTIME}))
        return pack

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pulumi and wait for it."""
        result = subprocess.run(
            ["pulumi", "--non-interactive", "--color=never", *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start pulumi without waiting for it."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def config(self, **values: str) -> None:
        """Set values of the stack's configuration."""
        for name, value in values.items():
            self.pulumi("config", "set", name, "--", value)

    def up(self) -> str:
        """Run an update that must succeed, and return its output."""
        return self.pulumi("up", *QUIET).stdout

    def fails(self, command: str = "up", *arguments: str) -> str:
        """Run an update that must fail, and return its output."""
        result = self.pulumi(command, *QUIET, *arguments, check=False)
        assert result.returncode != 0, result.stdout
        return result.stdout + result.stderr

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs in plain text."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets").stdout)
        return outputs

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """Return the resources in the state whose type contains `kind`."""
        state = json.loads(self.pulumi("stack", "export").stdout)
        return [
            r for r in state["deployment"].get("resources", []) if kind in r["type"] and "providers" not in r["type"]
        ]

    def processes(self) -> dict[int, str]:
        """Return the processes that run in the project's directory, with their command lines."""
        running = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has exited, or is not ours
                if (process / "cwd").readlink() == self.directory:
                    running[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        return running

    def written(self) -> str:
        """Return all text that pulumi keeps on disk."""
        files = [path for path in self.backend.rglob("*") if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)

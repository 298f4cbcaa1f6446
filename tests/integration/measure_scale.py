"""Measure the engine, the program and the state with many hosts: `.venv/bin/python -m tests.integration.measure_scale`.

Arguments are numbers of hosts. The command plugin runs nothing, so no host exists; the times are those of this machine,
so compare rows of one run. Each number is measured with the file backend's plain state, with the compressed one, and
without checkpoints.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from lab.engine.find import Engine
from lab.engine.paths import BIN
from lab.stages import PROJECT
from tests.support.cluster import QUIET
from tests.support.scale import many

SIZES = (5, 11, 31, 101)
STATES = {
    "plain": {},
    "compressed": {"PULUMI_DIY_BACKEND_ZSTD": "true"},
    "no checkpoints": {"PULUMI_DIY_BACKEND_ZSTD": "true", "PULUMI_SKIP_CHECKPOINTS": "true"},
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDU6UVN1HHeuFGHhUYpXBYEwKfSNFmBGC0N9p8gS5aCh"
NAME = "scale"
ROW = "{:>5} {:15} {:>9} {:>9} {:>9} {:>9} {:>9}"


class Scale:
    """A stack of many hosts on a backend in a directory, with commands that do not run."""

    def __init__(self, directory: Path, hosts: int, settings: Mapping[str, str]) -> None:
        self._project = directory / "project"
        (self._project / "stacks").mkdir(parents=True)
        for name in ("Pulumi.yaml", "__main__.py", "components", ".venv"):
            (self._project / name).symlink_to(PROJECT / name)
        release = {
            "version": "1.20200121",
            "build": "008",
            "rpm": {"url": "https://example.com/a.rpm", "sha256": "0" * 64},
        }
        config = {**many(hosts), "facts": "off", "release": release}
        (directory / "known_hosts").write_text(f"*.example.com {KEY}\n")
        (directory / "state").mkdir()
        self._env = {
            **os.environ,
            **Engine(BIN, "build").environment(directory / "state"),
            **settings,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "DEEPHAVEN_KNOWN_HOSTS": str(directory / "known_hosts"),
            "DEEPHAVEN_LAB_INSTANT_COMMANDS": "yes",
        }
        self.pulumi("stack", "init", NAME)
        file = self._project / f"stacks/Pulumi.{NAME}.yaml"
        salt = yaml.safe_load(file.read_text())
        file.write_text(json.dumps({**salt, "config": {"deephaven:cluster": config}}))

    def pulumi(self, *arguments: str) -> float:
        """Run pulumi and return its time in seconds; raises RuntimeError."""
        command = ["pulumi", "--non-interactive", "--color=never", *arguments]
        begin = time.monotonic()
        result = subprocess.run(command, cwd=self._project, env=self._env, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"{' '.join(command)}: {result.stdout[-2000:]}{result.stderr[-2000:]}")
        return time.monotonic() - begin

    def up(self, *arguments: str) -> float:
        """Run an update and return its time in seconds; raises RuntimeError."""
        return self.pulumi("up", *QUIET, "--stack", NAME, *arguments)

    def state(self) -> str:
        """Return the state as text."""
        command = ["pulumi", "stack", "export", "--stack", NAME]
        return subprocess.run(
            command, cwd=self._project, env=self._env, capture_output=True, text=True, check=True
        ).stdout


def resources_in(state: str) -> list[dict[str, Any]]:
    """Return the resources of a state."""
    resources: list[dict[str, Any]] = json.loads(state)["deployment"]["resources"]
    return resources


def main() -> None:
    """Print a row for each number of hosts and kind of state."""
    print(ROW.format("hosts", "state", "resources", "MB", "kB each", "first s", "empty s"))  # noqa: T201 - the result
    for hosts in [int(word) for word in sys.argv[1:]] or SIZES:
        for kind, settings in STATES.items():
            with TemporaryDirectory() as directory:
                scale = Scale(Path(directory), hosts, settings)
                first, empty = scale.up(), scale.up("--expect-no-changes")
                state = scale.state()
            resources, size = len(resources_in(state)), len(state)
            figures = f"{size / 1e6:.1f}", f"{size / resources / 1e3:.1f}", f"{first:.1f}", f"{empty:.1f}"
            print(ROW.format(hosts, kind, resources, *figures), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()

"""What tests of the pack share: bare hosts of the production stack, and checkouts whose stack file a test writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster import QUIET, Cluster, Update
from tests.unit.config.cases import changed

PACK = ("--policy-pack", "policy")
PREVIEW = ("preview", "--suppress-progress")
UP = ("up", *QUIET)
UP_WITH_PREVIEW = ("up", "--yes", "--suppress-progress")
RUNS = {"preview": PREVIEW, "up": UP, "up with its preview": UP_WITH_PREVIEW}


@dataclass
class Judged:
    """A checkout of a stack on bare hosts, run with the pack."""

    cluster: Cluster
    good: Mapping[str, Any]

    def run(self, command: tuple[str, ...], *, policy: object = None, file: object = None, **change: Any) -> Update:  # noqa: ANN401
        """Run a command with the pack on the stack with a change; `policy` is the stack's, `file` the pack's."""
        config = {"deephaven:cluster": changed(self.good, change), **({"deephaven:policy": policy} if policy else {})}
        stack = yaml.safe_load(self.cluster.stack.file.read_text())
        self.cluster.stack.file.write_text(json.dumps({**stack, "config": config}))
        return self.cluster.update(*command, *PACK, *self._file(file))

    def _file(self, content: object) -> tuple[str, ...]:
        if content is None:
            return ()
        file = self.cluster.stack.project / "policies.json"
        file.write_text(json.dumps(content))
        return ("--policy-pack-config", str(file))

    @property
    def untouched(self) -> bool:
        """Say whether no step has ever left anything on any host."""
        places = ("var/lib/deephaven-install", "var/lib/deephaven-upload", "var/log/deephaven-install")
        lab = self.cluster.lab
        return not any((lab.upper(host) / place).exists() for host in self.cluster.hosts().values() for place in places)


def violations(said: str, level: str) -> set[str]:
    """Return the rules that are told at a level."""
    marks = [line.strip().split() for line in said.splitlines() if line.strip().startswith(f"- [{level}]")]
    return {mark[2] for mark in marks}


def copied(cluster: Cluster, directory: Path) -> Judged:
    """Return the stack in a checkout of its own."""
    return Judged(cluster.copy(directory), cluster.configuration())

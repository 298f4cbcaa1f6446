"""Helpers of the pack's tests: commands with the pack, in a checkout whose stack file each test writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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
class Checkout:
    """A checkout of a stack on bare hosts, whose commands run with the pack."""

    cluster: Cluster
    configuration: Mapping[str, Any]

    def run(self, command: tuple[str, ...], *, policy: object = None, file: object = None, **change: Any) -> Update:  # noqa: ANN401
        """Run a command with a change merged into the configuration.

        `policy` has the stack's settings of rules, `file` the content of the pack's configuration file.
        """
        config: dict[str, object] = {"deephaven:cluster": changed(self.configuration, change)}
        if policy:
            config["deephaven:policy"] = policy
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
        """Return whether no step ever wrote to any host."""
        paths = ("var/lib/deephaven-install", "var/lib/deephaven-upload", "var/log/deephaven-install")
        lab = self.cluster.lab
        return not any((lab.upper(host) / path).exists() for host in self.cluster.hosts().values() for path in paths)


def violations(output: str, level: str) -> set[str]:
    """Return the rules with violations of a level in the engine's output."""
    lines = [line.strip().split() for line in output.splitlines() if line.strip().startswith(f"- [{level}]")]
    return {words[2] for words in lines}

"""The stack in a checkout of its own, saying something else: what a user's edit of the stack file is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster import Cluster
from tests.unit.config.cases import changed


def declare(twin: Cluster, configuration: Mapping[str, Any]) -> None:
    """Write a configuration into the stack file of a copy."""
    stack = yaml.safe_load(twin.stack.file.read_text())
    stack["config"]["deephaven:cluster"] = dict(configuration)
    twin.stack.file.write_text(json.dumps(stack))  # JSON is YAML that the engine and Python read alike


def edited(cluster: Cluster, directory: Path, change: Mapping[str, Any]) -> Cluster:
    """Return a copy of the stack whose configuration has a change laid over; None takes a key away."""
    twin = cluster.copy(directory)
    declare(twin, changed(cluster.configuration(), change))
    return twin

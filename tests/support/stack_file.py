"""Edits of a stack file, as an operator makes them, in a checkout of their own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster import Cluster
from tests.unit.config.cases import changed


def write_config(copy: Cluster, configuration: Mapping[str, Any]) -> None:
    """Write a configuration into the stack file of a copy."""
    stack = yaml.safe_load(copy.stack.file.read_text())
    stack["config"]["deephaven:cluster"] = dict(configuration)
    copy.stack.file.write_text(json.dumps(stack))  # the engine and Python read some YAML differently, but not JSON


def edited_copy(cluster: Cluster, directory: Path, change: Mapping[str, Any]) -> Cluster:
    """Return a copy of the stack with a change merged into its configuration; None removes a key."""
    copy = cluster.copy(directory)
    write_config(copy, changed(cluster.configuration(), change))
    return copy

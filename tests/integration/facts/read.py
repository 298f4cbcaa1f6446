"""Reads hosts as the program does: configuration on standard input, facts or refusal as JSON on standard output."""

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

from components.errors import DeploymentError
from components.facts.model import Facts
from components.facts.queries import render
from components.facts.reader import Target, read
from components.steps.connection import load_endpoints
from components.topology.manifest import ManifestFile
from tests.unit.conftest import make_spec


def main() -> None:
    """Read the hosts of a configuration."""
    spec = make_spec(json.load(sys.stdin))
    began = time.monotonic()
    try:
        reached = load_endpoints(spec.cluster.config, project=Path.cwd())
        targets = {
            key: Target(label=node.label, endpoint=reached[key], text=render(spec, node))
            for key, node in spec.cluster.nodes.items()
        }
        found = read(targets, limit=spec.cluster.config.facts.timeout)
    except DeploymentError as refusal:
        json.dump({"refused": refusal.findings, "seconds": time.monotonic() - began}, sys.stdout)
        return
    told = {
        "facts": {key: _plain(one) for key, one in found.items() if isinstance(one, Facts)},
        "unknown": {key: dataclasses.asdict(one) for key, one in found.items() if not isinstance(one, Facts)},
    }
    json.dump({**told, "seconds": time.monotonic() - began}, sys.stdout)


def _plain(facts: Facts) -> dict[str, Any]:
    """Return facts as plain values; the record is no dataclass."""
    record = facts.manifest
    plain = dataclasses.asdict(dataclasses.replace(facts, manifest=None))
    return {**plain, "manifest": record.model_dump() if isinstance(record, ManifestFile) else record and vars(record)}


if __name__ == "__main__":
    main()

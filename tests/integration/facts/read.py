"""Reads hosts as the program does: configuration from standard input, facts or findings as JSON to standard output."""

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
    begin = time.monotonic()
    try:
        endpoints = load_endpoints(spec.cluster.config, project=Path.cwd())
        targets = {
            key: Target(label=node.label, endpoint=endpoints[key], text=render(spec, node))
            for key, node in spec.cluster.nodes.items()
        }
        hosts = read(targets, limit=spec.cluster.config.facts.timeout)
    except DeploymentError as error:
        json.dump({"findings": error.findings, "seconds": time.monotonic() - begin}, sys.stdout)
        return
    result = {
        "facts": {key: _plain(host) for key, host in hosts.items() if isinstance(host, Facts)},
        "unreachable": {key: dataclasses.asdict(host) for key, host in hosts.items() if not isinstance(host, Facts)},
    }
    json.dump({**result, "seconds": time.monotonic() - begin}, sys.stdout)


def _plain(facts: Facts) -> dict[str, Any]:
    """Return facts as plain values; the manifest is a model and not a dataclass."""
    manifest = facts.manifest
    plain = dataclasses.asdict(dataclasses.replace(facts, manifest=None))
    return {
        **plain,
        "manifest": manifest.model_dump() if isinstance(manifest, ManifestFile) else manifest and vars(manifest),
    }


if __name__ == "__main__":
    main()

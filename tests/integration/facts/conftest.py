"""Three bare lab hosts, and their configuration, which each test may change."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from lab.hosts import Lab
from lab.stages import PROJECT
from tests.unit.config.cases import changed

Reader = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def configuration() -> dict[str, Any]:
    """Return the configuration of one host with all roles and two query hosts, all members of etcd."""
    stack = yaml.safe_load((PROJECT / "stacks/Pulumi.test.yaml").read_text())
    query = {
        f"query{n}": {"fqdn": f"h{n + 1}.lab.internal", "ip": f"10.77.0.{n + 11}", "roles": ["query"]} for n in (1, 2)
    }
    return changed(stack["config"]["deephaven:cluster"], {"hosts": query, "etcd": ["infra", "query1", "query2"]})


@pytest.fixture
def read(lab: Lab, configuration: dict[str, Any]) -> Reader:
    """Return a function that reads the hosts, with a change of the configuration and environment variables."""

    def read(change: Mapping[str, Any] | None = None, **env: str) -> dict[str, Any]:
        command = [str(PROJECT / ".venv/bin/python"), "-m", "tests.integration.facts.read"]
        text = json.dumps(changed(configuration, change or {}))
        result: dict[str, Any] = json.loads(lab.exec(command, input=text, cwd=PROJECT, env=env, timeout=60).stdout)
        return result

    return read

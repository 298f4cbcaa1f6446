"""The configuration server and the distribution of its keys as components."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext


class ConfigServer(PhaseComponent):
    """Keys, settings, endpoints, Client Update Service, routing and import (guide, steps 13 to 20).

    `servers` are the FQDNs of the configuration servers; iris_keygen runs on the first.
    """

    kind = "config_server:ConfigServer"
    servers: pulumi.Output[Sequence[str]]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the servers."""
        return {"servers": [node.fqdn for node in context.spec.cluster.config_servers]}


class Distribution(PhaseComponent):
    """The transfer of the cluster's keys to all other hosts (guide, step 21)."""

    kind = "config_server:Distribution"

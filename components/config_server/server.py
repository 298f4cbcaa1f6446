"""The configuration server and the distribution of its keys as components."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext


class ConfigServer(PhaseComponent):
    """Keys, settings, endpoints, Client Update Service and routing (guide, steps 13 to 19).

    `servers` are the FQDNs of the configuration servers; iris_keygen runs on the first.
    """

    kind = "config_server:ConfigServer"
    servers: pulumi.Output[Sequence[str]]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the servers."""
        return {"servers": [node.fqdn for node in context.spec.cluster.config_servers]}


class Distribution(PhaseComponent):
    """The import into etcd, and the transfer of the keys to all other hosts (guide, steps 20 and 21)."""

    kind = "config_server:Distribution"

"""The components of running services."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext
from components.topology.manifest import database


class AclDatabase(PhaseComponent):
    """The database of accounts and permissions (guide, step 17).

    `host` is the key of its host, or the name of an external server.
    """

    kind = "services:AclDatabase"
    host: pulumi.Output[str]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the host."""
        return {"host": database(context.spec.cluster)}


class MonitRoles(PhaseComponent):
    """Monit's roles on every host and the gates that start services in the guide's order (guide, step 22).

    `services` are the names of the services that run on each host, by its key.
    """

    kind = "services:MonitRoles"
    services: pulumi.Output[Mapping[str, Sequence[str]]]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the services."""
        hosts = context.spec.cluster.reachable
        return {"services": {key: list(context.spec.services_of(node)) for key, node in hosts.items()}}


class Verification(PhaseComponent):
    """The check of the running cluster, example data, and the cluster manifest (guide, Verify the Installation)."""

    kind = "services:Verification"

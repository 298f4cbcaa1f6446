"""The components of hosts: their prerequisites, and the product itself."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext


class Hosts(PhaseComponent):
    """Packages, monit and the uploaded RPM on every host (guide, steps 1 to 5).

    `fqdns` are the hosts' names by key.
    """

    kind = "packages:Hosts"
    fqdns: pulumi.Output[Mapping[str, str]]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the names."""
        return {"fqdns": {key: node.fqdn for key, node in context.spec.cluster.reachable.items()}}


class Product(PhaseComponent):
    """The product's RPM and the connector's jar on every host (guide, steps 5 and 14).

    `release` is version-release inside the RPM.
    """

    kind = "packages:Product"
    release: pulumi.Output[str]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the release."""
        return {"release": context.spec.product_release}

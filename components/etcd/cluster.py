"""The etcd cluster as a component."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext


class EtcdCluster(PhaseComponent):
    """The members' configuration, start, health and initialization (guide, steps 7 to 12).

    `endpoints` are the members' client addresses as ADDRESS:PORT, in order of their ordinals.
    """

    kind = "etcd:EtcdCluster"
    endpoints: pulumi.Output[Sequence[str]]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the endpoints; the release profile has the port."""
        spec = context.spec
        ports = [listener.port for listener in spec.profile.ports if listener.hosts == "etcd"]
        return {"endpoints": [f"{member.node.ip}:{min(ports)}" for member in spec.cluster.members] if ports else []}

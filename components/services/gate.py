"""Service gates: steps that wait until services are healthy."""

from collections.abc import Mapping, Sequence

from components.installation import Row
from components.release.spec import DeploymentSpec
from components.steps.model import Step, Value
from components.topology.cluster import Node

GRACE_SECONDS = 30  # in addition to the deadline that a gate waits for


def service_gate(  # noqa: PLR0913 - the fields of a step
    spec: DeploymentSpec,
    row: Row,
    node: Node,
    *,
    after: Sequence[str],
    ensures: Mapping[str, Value] | None = None,
    secrets: Mapping[str, str] | None = None,
    **inputs: Value,
) -> Step:
    """Return a step that waits for services on a host until the deadline of the profile."""
    return Step(
        row=row,
        node=node,
        after=tuple(after),
        limit=spec.profile.deadline + GRACE_SECONDS,
        inputs={
            **inputs,
            "deadline": str(spec.profile.deadline),
            "logs": spec.profile.paths["service_logs"],
            "log_names": tuple(f"{log.service}={log.directory}" for log in spec.profile.services.logs),
            "quoted": str(spec.profile.services.quoted),
            "guarded": (spec.profile.paths["auth"], spec.profile.paths["etcd_client"]),
        },
        secrets=secrets or {},
        ensures=ensures or {},
    )

"""A step that waits for services: what all of them have in common."""

from collections.abc import Mapping, Sequence

from components.release.spec import Site
from components.steps.plan import Action, Value
from components.topology.cluster import Node

SLACK = 30  # seconds that a step has beside the deadline that it waits for


def wait(  # noqa: PLR0913 - the fields of a step
    site: Site,
    node: Node,
    step: str,
    script: str,
    *,
    after: Sequence[str],
    keeps: Mapping[str, Value] | None = None,
    secrets: Mapping[str, str] | None = None,
    **inputs: Value,
) -> Action:
    """Return a step of `services/scripts` that waits for services on a host, until the profile's deadline."""
    return Action(
        node=node,
        step=step,
        script=f"services/scripts/{script}",
        after=tuple(after),
        limit=site.profile.deadline + SLACK,
        inputs={
            **inputs,
            "deadline": str(site.profile.deadline),
            "logs": site.profile.paths["service_logs"],
            "log_names": tuple(f"{log.service}={log.directory}" for log in site.profile.services.logs),
            "quoted": str(site.profile.services.quoted),
            "guarded": (site.profile.paths["auth"], site.profile.paths["etcd_client"]),
        },
        secrets=secrets or {},
        keeps=keeps or {},
    )

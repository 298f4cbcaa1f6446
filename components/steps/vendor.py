"""Steps around one vendor command."""

from collections.abc import Mapping, Sequence

from components.installation import Row
from components.release.spec import DeploymentSpec
from components.steps.model import Step, Value
from components.topology.cluster import Node


def vendor_step(  # noqa: PLR0913 - the fields of a step
    spec: DeploymentSpec,
    row: Row,
    node: Node,
    *,
    runs: str,
    after: Sequence[str],
    ensures: Mapping[str, Value] | None = None,
    **inputs: Value,
) -> Step:
    """Return a step around the command `runs` of the profile, with its arguments as `command` and with its limit.

    Raises ProfileError if the arguments cannot be filled in.
    """
    return Step(
        row=row,
        node=node,
        after=tuple(after),
        limit=spec.profile.limit(runs),
        inputs={"command": spec.command(runs), **inputs},
        ensures=ensures or {},
    )

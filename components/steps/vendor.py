"""Steps around one command of the vendor's."""

from collections.abc import Mapping, Sequence

from components.release.spec import Site
from components.steps.plan import Action, Value
from components.topology.cluster import Node


def vendor_step(  # noqa: PLR0913 - the fields of a step
    site: Site,
    node: Node,
    step: str,
    path: str,
    *,
    runs: str,
    after: Sequence[str],
    keeps: Mapping[str, Value] | None = None,
    **inputs: Value,
) -> Action:
    """Return a step around the command `runs` of the profile, with its arguments as `command` and with its limit.

    Raises ProfileError when the arguments cannot be filled in.
    """
    return Action(
        node=node,
        step=step,
        script=path,
        after=tuple(after),
        limit=site.profile.limit(runs),
        inputs={"command": site.command(runs), **inputs},
        keeps=keeps or {},
    )

"""Looks at all hosts before anything is registered: what is known of them, what is told, what is refused."""

from collections.abc import Mapping

import pulumi

from components.host.connection import Endpoint
from components.host.facts.model import HostFacts, Unknown
from components.host.facts.questions import render
from components.release.site import Site


def inspect(site: Site, endpoints: Mapping[str, Endpoint]) -> Mapping[str, HostFacts]:
    """Return facts by host, none when the stack says `facts: off`; raises Refusal.

    A host that cannot be reached is told and does not fail a preview.
    """
    settings = site.cluster.config.facts
    if settings == "off":
        return {}
    # Its library takes a tenth of a second to import, which `facts: off` shall not cost.
    from components.host.facts.reader import Target, read  # noqa: PLC0415

    nodes = site.cluster.nodes
    targets = {
        key: Target(label=node.label, endpoint=endpoints[key], text=render(site, node)) for key, node in nodes.items()
    }
    found = read(targets, limit=settings.timeout)
    for key, facts in found.items():
        if isinstance(facts, Unknown):
            what = f"{facts.reason}, so nothing is known of it; {facts.remedy}"
            pulumi.log.warn(f"{targets[key].where}: {what}")
    return found

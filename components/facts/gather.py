"""Gathers facts of all hosts before anything is registered, and reports those that cannot be reached."""

from collections.abc import Mapping, Sequence

import pulumi

from components.errors import UnknownHostRefusal
from components.facts.model import Facts, HostFacts, Unknown
from components.facts.queries import render
from components.release.spec import Site
from components.steps.connection import Endpoint


def inspect(site: Site, endpoints: Mapping[str, Endpoint], *, preview: bool) -> Mapping[str, HostFacts]:
    """Return facts by host, none when the stack says `facts: off`; raises Refusal.

    A host that cannot be reached is told; it fails no preview, and an update only when it might lack another build.
    """
    facts = _read(site, endpoints)
    unknown = {key: one for key, one in facts.items() if isinstance(one, Unknown)}
    for key, one in unknown.items():
        where = f"{site.cluster.nodes[key].label}: {endpoints[key].where}"
        pulumi.log.warn(f"{where}: {one.reason}, so nothing is known of it; {one.remedy}")
    if unknown and not preview:
        _refuse_mixed_builds(site, facts, list(unknown))
    return facts


def _read(site: Site, endpoints: Mapping[str, Endpoint]) -> Mapping[str, HostFacts]:
    settings = site.cluster.config.facts
    if not settings.read:
        return {}
    # Its library takes a tenth of a second to import, which `facts: off` shall not cost.
    from components.facts.reader import Target, read  # noqa: PLC0415

    targets = {
        key: Target(label=node.label, endpoint=endpoints[key], text=render(site, node))
        for key, node in site.cluster.alive.items()
    }
    return read(targets, limit=settings.timeout)


def _refuse_mixed_builds(site: Site, facts: Mapping[str, HostFacts], unknown: Sequence[str]) -> None:
    """Refuse to change the build of some hosts while it is not known what others run."""
    declared = site.product_release
    others = [
        f"{key} has {one.product}"
        for key, one in facts.items()
        if isinstance(one, Facts) and one.product not in ("", declared)
    ]
    if others:
        raise UnknownHostRefusal(
            f"{site.cluster.nodes[key].label}: cannot be reached, while {', '.join(others)} and {declared} is declared;"
            " bring the host back, then run pulumi up again: builds must not be mixed"
            for key in unknown
        )

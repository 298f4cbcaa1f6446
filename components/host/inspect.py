"""Looks at all hosts before anything is registered: what is known of them, what is told, what is refused."""

from collections.abc import Mapping, Sequence

import pulumi

from components.host.connection import Endpoint
from components.host.facts.model import Facts, HostFacts, Unknown
from components.host.facts.questions import render
from components.host.requirements.finding import Finding, Severity
from components.host.requirements.judge import judge
from components.host.requirements.table import table
from components.release.site import Site
from components.topology.errors import RequirementsRefusal, UnknownHostRefusal


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
    from components.host.facts.reader import Target, read  # noqa: PLC0415

    targets = {
        key: Target(label=node.label, endpoint=endpoints[key], text=render(site, node))
        for key, node in site.cluster.nodes.items()
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


def require(site: Site, facts: Mapping[str, HostFacts]) -> None:
    """Tell all that hosts lack at once; raises RequirementsRefusal when one of these findings stops the update."""
    findings: Sequence[Finding] = judge(site, facts)
    if not findings:
        return
    severities = {finding.severity for finding in findings}
    environment = site.cluster.config.environment
    lines = [f"requirements of the hosts ({environment} cluster):", *table(findings)]
    if Severity.ERROR in severities:
        raise RequirementsRefusal(lines)
    told = pulumi.log.warn if Severity.WARNING in severities else pulumi.log.info
    told("\n".join(lines))

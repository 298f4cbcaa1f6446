"""Rule build: all hosts run the same build of the release."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _context: RuleContext) -> Iterator[Finding]:
    """Yield each host that would have another build than the cluster, or several builds."""
    topology = resource.topology
    for key, host in sorted(topology["hosts"].items()):
        others = [build for build in host["builds"] if build != topology["release"]]
        if others:
            what = f"would run {', '.join(others)} in a cluster of {topology['release']}"
            yield Finding(f"{key} ({host['fqdn']})", what, "install one build everywhere", "step 5")

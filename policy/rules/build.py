"""Rule build: the release is one build on all hosts."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _given: RuleContext) -> Iterator[Finding]:
    """Yield each host that would have another build than the cluster, or two."""
    topology = resource.topology
    for key, host in sorted(topology["hosts"].items()):
        others = [build for build in host["builds"] if build != topology["release"]]
        if others:
            what = f"would run {', '.join(others)} in a cluster of {topology['release']}"
            yield Finding(f"{key} ({host['fqdn']})", what, "install one build everywhere", "step 5")

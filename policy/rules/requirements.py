"""Rule requirements: in production each waiver has a reason, and hosts are read before an update."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _context: RuleContext) -> Iterator[Finding]:
    """Yield each waiver without a reason, and `facts: off`."""
    topology = resource.topology
    if topology["environment"] != "production":
        return
    for name, waiver in sorted(topology["requirements"].items()):
        if not str(waiver.get("reason", "")).strip():
            yield Finding(f"requirements.{name}", "has no reason", "give the reason", "System Requirements")
    for allowed in topology["allow"]:
        if not str(allowed.get("reason", "")).strip():
            yield Finding(f"allow {allowed['refusal']}", "has no reason", "give the reason")
    if not topology["facts"]:
        yield Finding("facts", "is off, so hosts are not checked before they are changed", "remove facts: off")

"""Rule requirements: in production no check of the hosts is relaxed without a reason, and hosts are read."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext


def evaluate(resource: Resource, _given: RuleContext) -> Iterator[Finding]:
    """Yield what is relaxed without a reason, and live facts that are off."""
    topology = resource.topology
    if topology["environment"] != "production":
        return
    for name, waivers in sorted(topology["requirements"].items()):
        if not str(waivers.get("reason", "")).strip():
            yield Finding(f"requirements.{name}", "is relaxed without a reason", "say why", "System Requirements")
    for allowed in topology["allow"]:
        if not str(allowed.get("reason", "")).strip():
            yield Finding(f"allow {allowed['refusal']}", "is allowed without a reason", "say why")
    if not topology["facts"]:
        what = "off: hosts are neither checked nor looked at before they are changed"
        yield Finding("facts", what, "take facts: off away")

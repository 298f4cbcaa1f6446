"""Rule waivers: reports all waivers of a stack; it never stops a run."""

from collections.abc import Iterator, Sequence

from policy.rules.model import Finding, Resource, RuleContext

REVIEW = "confirm that this is still intended"


def evaluate(resources: Sequence[Resource], _context: RuleContext) -> Iterator[Finding]:
    """Yield each requirement, safety finding and safeguard that the stack relaxes."""
    for topology in (resource.topology for resource in resources if resource.topology):
        for name, waiver in sorted(topology["requirements"].items()):
            how = "is ignored" if waiver["ignored"] else f"has the limit {waiver['limit']:,.0f}"
            yield Finding(f"requirements.{name}", f"{how} ({waiver['reason']})", REVIEW)
        for allowed in topology["allow"]:
            yield Finding(
                f"allow {allowed['refusal']}", f"permits a refused change ({allowed['reason']})", "remove it later"
            )
        for key, host in sorted(topology["hosts"].items()):
            for flag in host["declared"]:
                yield Finding(f"{key} ({host['fqdn']})", f"is declared {flag}: true", "remove it later")
        if not topology["facts"]:
            yield Finding("facts", "is off: hosts are not read before an update", REVIEW)
        if not topology["protect"] and topology["environment"] == "production":
            yield Finding("protect", "is false: Pulumi deletes hosts with state without a further check", REVIEW)

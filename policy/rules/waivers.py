"""Rule waivers: reports a stack's waivers, so that none is silent; it stops nothing."""

from collections.abc import Iterator, Sequence

from policy.rules.model import Finding, Resource, RuleContext

REVIEW = "confirm that this is still intended"


def evaluate(resources: Sequence[Resource], _given: RuleContext) -> Iterator[Finding]:
    """Yield each requirement, refusal and safeguard that the stack sets aside."""
    for topology in (one.topology for one in resources if one.topology):
        for name, waivers in sorted(topology["requirements"].items()):
            how = "is ignored" if waivers["ignored"] else f"has the limit {waivers['limit']:,.0f}"
            yield Finding(f"requirements.{name}", f"{how} ({waivers['reason']})", REVIEW)
        for allowed in topology["allow"]:
            yield Finding(f"allow {allowed['refusal']}", f"lifts a refusal ({allowed['reason']})", "remove it later")
        for key, host in sorted(topology["hosts"].items()):
            for flag in host["declared"]:
                yield Finding(f"{key} ({host['fqdn']})", f"is declared {flag}: true", "remove it later")
        if not topology["facts"]:
            yield Finding("facts", "off: no host is looked at beforehand", REVIEW)
        if not topology["protect"] and topology["environment"] == "production":
            yield Finding("protect", "false: Pulumi deletes hosts with state without a further check", REVIEW)

"""Rule servers: a second configuration server and a second authentication server in production."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext

KINDS = {"config_servers": "configuration server", "auth_servers": "authentication server"}


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    """Yield each kind of server that stands alone."""
    topology = resource.topology
    if topology["environment"] != "production":
        return
    for key, kind in KINDS.items():
        count, least = len(topology[key]), int(context.limits[key])
        if count < least:
            what = f"{count} of at least {least}: without its {kind} the cluster stands still"
            yield Finding(key, what, f"name further hosts under {key}", "Adding Servers to the Installation")

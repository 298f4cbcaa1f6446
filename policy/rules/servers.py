"""Rule servers: production clusters have a second configuration server and a second authentication server."""

from collections.abc import Iterator

from policy.rules.model import Finding, Resource, RuleContext

KINDS = {"config_servers": "configuration server", "auth_servers": "authentication server"}


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    """Yield each kind of server with too few servers."""
    topology = resource.topology
    if topology["environment"] != "production":
        return
    for key, kind in KINDS.items():
        count, least = len(topology[key]), int(context.limits[key])
        if count < least:
            what = f"{count} of at least {least}: without a second {kind}, one failure stops the cluster"
            yield Finding(key, what, f"list more hosts under {key}", "Adding Servers to the Installation")

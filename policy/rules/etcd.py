"""Rule etcd: an odd number of members, enough of them in production, each on its own host of this cluster."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules.model import Finding, Resource, RuleContext

PLANNING = "Planning the Installation"


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    """Yield the problems with the members."""
    topology = resource.topology
    members: Sequence[str] = topology["etcd"]
    hosts: Mapping[str, Any] = topology["hosts"]
    count, least = len(members), int(context.limits["members"])
    if count % 2 == 0:
        what = f"{count} members tolerate no more failures than {max(count - 1, 0)}"
        yield Finding("etcd", what, "add or remove one to get an odd number", PLANNING)
    if topology["environment"] == "production" and count < least:
        what = f"{count} of at least {least} members: a single failing host may stop the cluster"
        yield Finding("etcd", what, "list more hosts under etcd", "Overview")
    yield from _shared_hosts(members, hosts)
    for key in members:
        if key not in hosts:
            what = "is not a host of this cluster: an etcd is never shared"
            yield Finding(f"etcd {key}", what, "list a host that is declared under hosts", PLANNING)


def _shared_hosts(members: Sequence[str], hosts: Mapping[str, Any]) -> Iterator[Finding]:
    for field in ("fqdn", "ip"):
        values = Counter(hosts[key][field] for key in members if key in hosts and hosts[key].get(field))
        for value in (value for value, count in values.items() if count > 1):
            yield Finding("etcd", f"{value} has two members", "place each on its own host", PLANNING)

"""Rule etcd: an odd number of members, enough of them in production, each on a host of its own of this cluster."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules.model import Finding, Resource, RuleContext

PLANNING = "Planning the Installation"


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Finding]:
    """Yield what is wrong with the members."""
    topology = resource.topology
    members: Sequence[str] = topology["etcd"]
    hosts: Mapping[str, Any] = topology["hosts"]
    count, least = len(members), int(context.limits["members"])
    if count % 2 == 0:
        what = f"{count} members tolerate no more failures than {max(count - 1, 0)}"
        yield Finding("etcd", what, "add or remove one, so that their number is odd", PLANNING)
    if topology["environment"] == "production" and count < least:
        what = f"{count} of at least {least} members: one failing host ends the cluster"
        yield Finding("etcd", what, "name more hosts under etcd", "Overview")
    yield from _twice(members, hosts)
    for key in members:
        if key not in hosts:
            what = "is not a host of this cluster: an etcd is never shared"
            yield Finding(f"etcd {key}", what, "name a host that is declared under hosts", PLANNING)


def _twice(members: Sequence[str], hosts: Mapping[str, Any]) -> Iterator[Finding]:
    for field in ("fqdn", "ip"):
        places = Counter(hosts[key][field] for key in members if key in hosts and hosts[key].get(field))
        for place in (place for place, times in places.items() if times > 1):
            yield Finding("etcd", f"{place} holds two members", "put each on a host of its own", PLANNING)

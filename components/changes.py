"""What an update would do against what is there: refused before anything is registered. Pure.

Judged from live facts and the cluster record, which the last successful update left on every configuration server.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.etcd.plan import CONFIG
from components.host.carry import AUTH
from components.host.facts.model import Facts, HostFacts, Unknown
from components.release.site import Site
from components.topology.cluster import Node
from components.topology.door import ROOT

RECIPES = {
    "etcd": (
        "an empty member cannot come back under its old name: put its disk back, or on a healthy member remove it"
        " (etcdctl.sh member remove) and add it again, as etcd's documentation on replacing a member says"
    ),
    "keys": (
        "it held the original of the cluster's keys: restore them from a backup or from another host that has them,"
        " together with this program's receipts"
    ),
    "database": (
        "it held the ACL database with its accounts: restore it from a backup, together with this program's receipts"
    ),
}


def record(facts: Mapping[str, HostFacts]) -> Mapping[str, Any] | None:
    """Return the newest cluster record that a host holds."""
    held = [host.record for host in facts.values() if isinstance(host, Facts) and host.record]
    newest = max(held, key=lambda one: str(one.get("written", "")), default=None)
    return newest.get("cluster") if newest else None


def refusals(
    site: Site, facts: Mapping[str, HostFacts], known: Mapping[str, Any] | None, *, preview: bool
) -> list[str]:
    """Return a line for each thing that must not be done; `known` is the cluster record.

    A preview goes on where only an unreadable host stands in the way.
    """
    return [
        *_older(site, known or {}),
        *_rebuilt(site, facts, known or {}),
        *_foreign(site, facts),
        *_twice(site, facts),
        *(() if preview else _unread(site, facts)),
    ]


def _older(site: Site, known: Mapping[str, Any]) -> Iterator[str]:
    """Never go back to an older build: the guide says nothing of a way back."""
    there, declared = str(known.get("release", "")), site.product_release
    if _numbers(there) > _numbers(declared):
        yield (
            f"{ROOT}.release.build: the cluster runs {there}, declared is {declared}; the guide has no way back to an"
            " older build: declare the one that runs, or a newer one"
        )


def _numbers(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", release)]


def _rebuilt(site: Site, facts: Mapping[str, HostFacts], known: Mapping[str, Any]) -> Iterator[str]:
    """Never install over a host that held what makes the cluster this cluster."""
    for key in known.get("hosts", {}):
        host = facts.get(key)
        if isinstance(host, Facts) and host.untouched:
            for duty in _identity(site, key, known):
                label = site.cluster.nodes[key].label
                yield f"{label}: was installed and is empty now (machine {host.system.machine_id}); {RECIPES[duty]}"


def _identity(site: Site, key: str, known: Mapping[str, Any]) -> Iterator[str]:
    if key in known.get("etcd", ()):
        yield "etcd"
    if key == next(iter(known.get("config_servers", ())), None):
        yield "keys"
    database = site.cluster.acl_database
    if isinstance(database, Node) and key == database.key:
        yield "database"


def _foreign(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[str]:
    """Guide, Planning: Deephaven cannot share an etcd, or the servers of one, with anything else."""
    for member in site.cluster.members:
        host = facts.get(member.node.key)
        if (
            isinstance(host, Facts)
            and host.etcd_data
            and "etcd-enable" not in host.receipts
            and CONFIG not in host.receipts
        ):
            found = ", ".join(host.etcd_data)
            yield (
                f"{member.node.label}: an etcd that this program did not make keeps data there ({found}); Deephaven"
                " cannot share an etcd or its servers: name another host, or remove that data if nothing uses it"
            )


def _twice(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[str]:
    """Never make anew what is made once in a cluster's life, where others hold it and the maker has lost it."""
    for maker, what, carried, made in _makings(site, facts):
        holders = [key for key, other in facts.items() if isinstance(other, Facts) and carried in other.receipts]
        if holders:
            yield (
                f"{maker.label}: has not {what} that {', '.join(holders)} got from it; made anew they would fit no"
                f" other host: restore them there from a backup, with the receipt of {made}"
            )


def _unread(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[str]:
    """Never make what is made once while a host that might hold it cannot be read."""
    unread = [site.cluster.nodes[key].label for key, host in facts.items() if isinstance(host, Unknown)]
    for maker, what, _, _ in _makings(site, facts):
        if unread:
            yield (
                f"{', '.join(unread)}: cannot be read, so it is not known whether {what} are there already;"
                f" {maker.key} would make them anew: bring the host up, or take it out of the stack"
            )


def _makings(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[tuple[Node, str, str, str]]:
    """Yield what this update would make for the cluster's life: where, what, the steps that carry and that make it."""
    makers = (
        (site.cluster.members[0].node, "etcd's configuration and keys", CONFIG, CONFIG),
        (site.cluster.primary, "the cluster's keys", AUTH, "keygen"),
    )
    for maker, what, carried, made in makers:
        host = facts.get(maker.key)
        if isinstance(host, Facts) and made not in host.receipts:
            yield maker, what, carried, made

"""What makes a cluster this cluster: machines, keys, etcd's data, accounts; none is made over silently. Pure."""

from collections.abc import Iterator, Mapping

from components.etcd.plan import CONFIG
from components.facts.model import MACHINE, Facts, HostFacts, Unknown
from components.host_text import quoted
from components.preflight.finding import some
from components.release.spec import Site
from components.safety.refusal import Refusal
from components.steps.transfer import AUTH
from components.topology.cluster import Node
from components.topology.manifest import Record

RECIPES = {
    "etcd": (
        "it was an etcd member: with replace: true on the host, etcd's other members take it in again, empty, and it"
        " learns all from them"
    ),
    "generator": (
        "it was the etcd member on which config_generator ran, and held its archive: put its disk back, or restore"
        " the archive and this program's receipts from a backup"
    ),
    "keys": (
        "it held the original of the cluster's keys: restore them from a backup or from another host that has them,"
        " together with this program's receipts"
    ),
    "database": (
        "it held the ACL database with its accounts: restore it from a backup, together with this program's receipts;"
        " with replace: true on the host an empty one is made"
    ),
}
REPLACEABLE = ("etcd", "database")


def judge(site: Site, facts: Mapping[str, HostFacts], known: Record | None, *, preview: bool) -> Iterator[Refusal]:
    """Yield what an update would make over."""
    yield from _machine(site, facts)
    if known:
        yield from _rebuilt(site, facts, known)
    yield from _foreign(site, facts)
    yield from _twice(site, facts)
    if not preview:
        yield from _unread(site, facts)


def _machine(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[Refusal]:
    """Never install over a machine that was installed as something else: a copied disk, a name that leads elsewhere."""
    for key, node in site.cluster.nodes.items():
        host = facts.get(key)
        if not isinstance(host, Facts):
            continue
        others = sorted({quoted(owner) for owner, _ in host.owners} - {quoted(node.label)})
        copied = sorted({machine for _, machine in host.owners} - {host.system.machine_id})
        if others:
            yield Refusal(
                "machine",
                f"{node.label}: the machine that answers was installed as {some(others)}; see that the name and"
                " ssh.address lead to the right machine; if it shall change its part, empty it first",
            )
        elif copied and not site.cluster.config.hosts[key].replace:
            yield Refusal(
                "machine",
                f"{node.label}: what was installed on machine {copied[0][:MACHINE]} is on machine"
                f" {host.system.machine_id[:MACHINE]} now; if its disk was moved or restored, say replace: true on the"
                " host; else see that the name leads to the right machine",
            )


def _rebuilt(site: Site, facts: Mapping[str, HostFacts], known: Record) -> Iterator[Refusal]:
    """Never install over a host that held what makes the cluster this cluster."""
    for key in known.hosts:
        host, declared = facts.get(key), site.cluster.config.hosts.get(key)
        if not isinstance(host, Facts) or not host.untouched or declared is None:
            continue
        for duty in _identity(site, key, known):
            if not (declared.replace and duty in REPLACEABLE):
                label = site.cluster.nodes[key].label
                machine = host.system.machine_id[:MACHINE]
                yield Refusal(
                    "rebuilt", f"{label}: was installed and is empty now (machine {machine}); {RECIPES[duty]}"
                )


def _identity(site: Site, key: str, known: Record) -> Iterator[str]:
    if key == next(iter(known.etcd), None):
        yield "generator"
    elif key in known.etcd:
        yield "etcd"
    if key == next(iter(known.config_servers), None):
        yield "keys"
    database = site.cluster.acl_database
    if isinstance(database, Node) and key == database.key:
        yield "database"


def _foreign(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[Refusal]:
    """Guide, Planning: Deephaven cannot share an etcd, or the servers of one, with anything else."""
    for member in site.cluster.members:
        host = facts.get(member.node.key)
        if (
            isinstance(host, Facts)
            and host.etcd_data
            and "etcd-enable" not in host.receipts
            and CONFIG not in host.receipts
        ):
            found = some(map(quoted, host.etcd_data))
            yield Refusal(
                "foreign-etcd",
                f"{member.node.label}: an etcd that this program did not make keeps data there ({found}); Deephaven"
                " cannot share an etcd or its servers: name another host, or remove that data if nothing uses it",
            )


def _twice(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[Refusal]:
    """Never make anew what is made once in a cluster's life, where others hold it and the maker has lost it."""
    for maker, what, carried, made in _makings(site, facts):
        holders = [key for key, other in facts.items() if isinstance(other, Facts) and carried in other.receipts]
        if holders:
            yield Refusal(
                "twice",
                f"{maker.label}: has not {what} that {', '.join(holders)} got from it; made anew they would fit no"
                f" other host: restore them there from a backup, with the receipt of {made}",
            )


def _unread(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[Refusal]:
    """Never make what is made once while a host that might hold it cannot be read."""
    unread = [site.cluster.nodes[key].label for key, host in facts.items() if isinstance(host, Unknown)]
    for maker, what, _, _ in _makings(site, facts):
        if unread:
            yield Refusal(
                "unread",
                f"{', '.join(unread)}: cannot be read, so it is not known whether {what} are there already;"
                f" {maker.key} would make them anew: bring the host up, or take it out of the stack",
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

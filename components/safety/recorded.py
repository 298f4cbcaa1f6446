"""What is known of the cluster that is there: the record of its declared configuration servers, or why not. Pure.

No other host has a say: whoever controls one could otherwise lift the refusals that protect the cluster.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.facts.model import Damaged, Facts, HostFacts, Unknown
from components.packages.plan import STAGING
from components.release.spec import Site
from components.safety.refusal import Refusal
from components.topology.cluster import Node
from components.topology.manifest import Record, RecordFile

FILE = STAGING.parent / "cluster.json"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The record that counts, if there is one, and what to say about the others.

    `refusals` stop a preview, too; `doubts` stop an update, since a preview harms nothing; `reports` stop nothing.
    """

    record: Record | None = None
    refusals: Sequence[Refusal] = ()
    doubts: Sequence[Refusal] = ()
    reports: Sequence[str] = ()


def recorded(site: Site, facts: Mapping[str, HostFacts]) -> Recorded:
    """Return what the hosts' files say of the cluster; without facts nothing is known and nothing is refused."""
    if not facts:
        return Recorded()
    allowed = {allowance.host for allowance in site.cluster.config.allow if allowance.refusal == "record"}
    servers = [site.cluster.nodes[key] for key in site.cluster.config.config_servers if key in facts]
    files = {node: found.record for node in servers if isinstance(found := facts[node.key], Facts)}
    judged = {node: file for node, file in files.items() if node.key not in allowed}
    damaged = [_damaged(node, file.reason) for node, file in judged.items() if isinstance(file, Damaged)]
    lost = [node for node in judged if _was_complete(facts[node.key])]
    complete = {node: file for node, file in files.items() if isinstance(file, RecordFile) and file.state == "complete"}
    if complete:
        return _newest(complete, damaged, [node for node in lost if node not in complete])
    missing = [_missing(node) for node in lost]
    unread = [_unread(node) for node in servers if isinstance(facts[node.key], Unknown)]
    begun = any(isinstance(file, RecordFile) for file in files.values())
    if damaged or missing or unread or begun:
        return Recorded(doubts=[*damaged, *missing, *unread])
    return _elsewhere(site, facts, allowed)


def _was_complete(host: HostFacts) -> bool:
    """Say whether a host's receipts tell of a complete record that it does not have.

    A first installation that was killed before its last step has a record that was begun, and goes on.
    """
    if not isinstance(host, Facts) or isinstance(host.record, Damaged):
        return False
    return "record" in host.receipts or (host.record is None and "verify" in host.receipts)


def _newest(files: Mapping[Node, RecordFile], damaged: Sequence[Refusal], lost: Sequence[Node]) -> Recorded:
    first = max(files, key=lambda node: files[node].written)
    newest = files[first]
    reports = [
        f"{node.label}: its cluster record of {file.written} differs from that of {first.label}, which was written at"
        f" {newest.written} and counts; an update that ends well writes both again"
        for node, file in files.items()
        if file.cluster != newest.cluster
    ]
    reports += [
        f"{node.label}: its cluster record is missing or was begun again, and that of {first.label} counts; an update"
        " that ends well writes both again"
        for node in lost
    ]
    return Recorded(record=newest.cluster, doubts=damaged, reports=reports)


def _elsewhere(site: Site, facts: Mapping[str, HostFacts], allowed: Collection[str | None]) -> Recorded:
    """Refuse where only a host has a record that is no declared configuration server, unless the stack names it."""
    declared = site.cluster.config.config_servers
    others = {node: file for node, file in _records(site, facts) if node.key not in declared}
    for node, file in others.items():
        if node.key in allowed and isinstance(file, RecordFile):
            return Recorded(record=file.cluster)
    return Recorded(refusals=[_other(node) for node in others])


def _records(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[tuple[Node, RecordFile | Damaged]]:
    for key, host in facts.items():
        if isinstance(host, Facts) and host.record is not None:
            yield site.cluster.nodes[key], host.record


def _damaged(node: Node, reason: str) -> Refusal:
    return Refusal(
        "record",
        f"{node.label}: the cluster record {FILE} cannot be read ({reason}), so it is not known what an update would"
        f" harm; restore it from a backup or from another configuration server; to go on without it: {_allow(node)}",
    )


def _missing(node: Node) -> Refusal:
    return Refusal(
        "record",
        f"{node.label}: the cluster was installed, and its record {FILE} is missing or was begun again, so it is not"
        f" known what an update would harm; restore it from a backup; to go on without it: {_allow(node)}",
    )


def _unread(node: Node) -> Refusal:
    return Refusal(
        "record",
        f"{node.label}: the host cannot be read, and no other configuration server has the cluster record, so it is"
        " not known what an update would harm; bring the host up, or raise facts.timeout, then run pulumi up again",
    )


def _other(node: Node) -> Refusal:
    return Refusal(
        "record",
        f"{node.label}: this host has a cluster record {FILE} and no declared configuration server has one; name the"
        " former configuration server under config_servers, or remove the file there if it is of another cluster; to"
        f" let this record count: {_allow(node)}",
    )


def _allow(node: Node) -> str:
    return f"allow: [{{refusal: record, host: {node.key}, reason: WHY}}]"

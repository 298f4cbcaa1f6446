"""What holds the cluster together and cannot move: etcd's members, their ordinals, and the host of the keys. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from components.config.loader import ROOT
from components.facts.model import Facts, HostFacts
from components.release.spec import Site
from components.safety.refusal import Refusal
from components.topology.manifest import Record


def judge(site: Site, facts: Mapping[str, HostFacts], known: Record | None) -> Iterator[Refusal]:
    """Yield what an update would do to etcd's members and to the host of the keys."""
    if known:
        yield from _members(site, known)
        yield from _addresses(site, known)
        yield from _primary(site, known)
    yield from _replaced(site, facts)


def _members(site: Site, known: Record) -> Iterator[Refusal]:
    """Guide, step 9: ordinals are positions in the list that config_generator was given."""
    there, declared = known.etcd, tuple(member.node.key for member in site.cluster.members)
    if not there or there == declared:
        return
    if sorted(there) == sorted(declared):
        what = "a member's position is its ordinal, which its keys were made for: write them in this order"
    else:
        what = (
            "config_generator has fixed them, and members are neither added nor removed yet: write this list; a member"
            " that is broken is replaced under its own name by replace: true on its host"
        )
    yield Refusal(
        "etcd-members", f"{ROOT}.etcd: the members are {_list(there)}, declared are {_list(declared)}; {what}"
    )


def _addresses(site: Site, known: Record) -> Iterator[Refusal]:
    for member in site.cluster.members:
        host = known.hosts.get(member.node.key)
        there = host.ip if host else ""
        if there and there != member.node.ip:
            yield Refusal(
                "etcd-members",
                f"{ROOT}.hosts.{member.node.key}.ip: the etcd member is registered at {there}, declared is"
                f" {member.node.ip}; its certificate is made for that address: keep it",
            )


def _primary(site: Site, known: Record) -> Iterator[Refusal]:
    there = next(iter(known.config_servers), "")
    if there and there != site.cluster.primary.key:
        yield Refusal(
            "primary",
            f"{ROOT}.config_servers: the cluster's keys are kept and handed out on {there}, first is"
            f" {site.cluster.primary.key}; the guide has no way to move them: write {there} first",
        )


def _replaced(site: Site, facts: Mapping[str, HostFacts]) -> Iterator[Refusal]:
    """Let a member come back empty and learn all from the others: one at a time, while these hold a majority."""
    members = [member.node for member in site.cluster.members]
    empty = [node for node in members if _empty(facts.get(node.key)) and site.cluster.config.hosts[node.key].replace]
    if not empty or len(empty) == len(members):
        return
    labels = ", ".join(node.label for node in empty)
    if len(empty) > 1:
        yield Refusal("etcd-replace", f"{labels}: one etcd member at a time can be replaced; rebuild them one by one")
    unit = site.profile.units["etcd"]
    healthy = [node for node in members if node not in empty and _runs(facts.get(node.key), unit)]
    needed = len(members) // 2 + 1
    if len(healthy) < needed:
        yield Refusal(
            "etcd-replace",
            f"{labels}: {len(healthy)} of etcd's other members run and {needed} are needed to take it in again; start"
            f" {unit} on the others first",
        )


def _empty(host: HostFacts | None) -> bool:
    return isinstance(host, Facts) and host.untouched


def _runs(host: HostFacts | None, unit: str) -> bool:
    return isinstance(host, Facts) and unit in host.units and host.units[unit].active == "active"


def _list(keys: Sequence[str]) -> str:
    return f"[{', '.join(keys)}]"

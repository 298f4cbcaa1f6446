"""Protects what cannot move: etcd's members, their ordinals, and the host of the keys. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from components.config.loader import ROOT
from components.facts.model import Facts, HostFacts
from components.release.spec import DeploymentSpec
from components.safety.finding import SafetyFinding
from components.topology.manifest import Manifest


def check_members(
    spec: DeploymentSpec, facts: Mapping[str, HostFacts], recorded: Manifest | None
) -> Iterator[SafetyFinding]:
    """Yield changes of etcd's members and of the host of the keys."""
    if recorded:
        yield from _members(spec, recorded)
        yield from _addresses(spec, recorded)
        yield from _primary(spec, recorded)
    yield from _replaced(spec, facts)


def _members(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    """Guide, step 9: ordinals are positions in the list that config_generator was given."""
    declared = tuple(member.node.key for member in spec.cluster.members)
    if not recorded.etcd or recorded.etcd == declared:
        return
    if sorted(recorded.etcd) == sorted(declared):
        remedy = "write them in this order: a member's position is its ordinal, and its keys belong to that ordinal"
    else:
        remedy = (
            "write this list: members cannot be added or removed yet; to replace a broken member, keep its key and set"
            " replace: true on its host"
        )
    yield SafetyFinding(
        "etcd-members", f"{ROOT}.etcd: the members are {_list(recorded.etcd)}, declared are {_list(declared)}; {remedy}"
    )


def _addresses(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    for member in spec.cluster.members:
        host = recorded.hosts.get(member.node.key)
        if host and host.ip and host.ip != member.node.ip:
            yield SafetyFinding(
                "etcd-members",
                f"{ROOT}.hosts.{member.node.key}.ip: the etcd member is registered at {host.ip}, declared is"
                f" {member.node.ip}; keep the address: the member's certificate names it",
            )


def _primary(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    first = next(iter(recorded.config_servers), "")
    if first and first != spec.cluster.primary.key:
        yield SafetyFinding(
            "key-host",
            f"{ROOT}.config_servers: the cluster's keys are on {first}, first is {spec.cluster.primary.key}; write"
            f" {first} first: the guide describes no way to move the keys",
        )


def _replaced(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[SafetyFinding]:
    """Let one member at a time rejoin empty, while the others have a majority."""
    members = [member.node for member in spec.cluster.members]
    empty = [node for node in members if _empty(facts.get(node.key)) and spec.cluster.config.hosts[node.key].replace]
    if not empty or len(empty) == len(members):
        return
    labels = ", ".join(node.label for node in empty)
    if len(empty) > 1:
        yield SafetyFinding(
            "etcd-replace",
            f"{labels}: only one etcd member at a time can be replaced; set replace: true on one of them",
        )
    unit = spec.profile.units["etcd"]
    healthy = [node for node in members if node not in empty and _runs(facts.get(node.key), unit)]
    needed = len(members) // 2 + 1
    if len(healthy) < needed:
        yield SafetyFinding(
            "etcd-replace",
            f"{labels}: {len(healthy)} of etcd's other members run, {needed} are needed to take it back; start"
            f" {unit} on the others first",
        )


def _empty(host: HostFacts | None) -> bool:
    return isinstance(host, Facts) and host.untouched


def _runs(host: HostFacts | None, unit: str) -> bool:
    return isinstance(host, Facts) and unit in host.units and host.units[unit].active == "active"


def _list(keys: Sequence[str]) -> str:
    return f"[{', '.join(keys)}]"

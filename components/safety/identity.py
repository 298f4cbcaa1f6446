"""Protects what exists once in a cluster: machines, keys, etcd's data, accounts. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.facts.model import MACHINE, Facts, HostFacts, Unreachable
from components.host_text import quoted
from components.installation import Installation, Row
from components.preflight.finding import some
from components.release.spec import DeploymentSpec
from components.safety.finding import SafetyFinding
from components.topology.cluster import Node
from components.topology.manifest import Manifest

REMEDIES = {
    "etcd": "it was an etcd member; set replace: true on the host, then the other members take it back, empty, and"
    " replicate their data to it",
    "generator": "config_generator ran on this etcd member and left its archive here; reattach its disk, or restore the"
    " archive and this program's receipts from a backup",
    "keys": "it held the original of the cluster's keys; restore them from a backup or from another host that has them,"
    " together with this program's receipts",
    "database": "it held the ACL database with its accounts; restore it from a backup, together with this program's"
    " receipts, or set replace: true on the host to start with an empty one",
}
REPLACEABLE = ("etcd", "database")


@dataclass(frozen=True)
class _Original:
    """Something that is generated once: on which host, what, the step that generates it, the one that copies it."""

    host: Node
    what: str
    generated_by: Row
    copied_by: Row


def check_identity(
    spec: DeploymentSpec, facts: Mapping[str, HostFacts], recorded: Manifest | None, *, preview: bool
) -> Iterator[SafetyFinding]:
    """Yield what an update would overwrite or generate a second time."""
    yield from _identity_mismatch(spec, facts)
    if recorded:
        yield from _reinstalled(spec, facts, recorded)
    yield from _foreign_etcd(spec, facts)
    yield from _would_regenerate(spec, facts)
    if not preview:
        yield from _unreachable(spec, facts)


def _identity_mismatch(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[SafetyFinding]:
    """Never install over a machine that was installed as something else: a copied disk, or a name that moved."""
    for key, node in spec.cluster.nodes.items():
        host = facts.get(key)
        if not isinstance(host, Facts):
            continue
        others = sorted({quoted(owner) for owner, _ in host.owners} - {quoted(node.label)})
        copied = sorted({machine for _, machine in host.owners} - {host.system.machine_id})
        if others:
            yield SafetyFinding(
                "identity-mismatch",
                f"{node.label}: this machine was installed as {some(others)}; check that its name and ssh.address lead"
                " to the right machine; to give the machine a new purpose, empty it first",
            )
        elif copied and not spec.cluster.config.hosts[key].replace:
            yield SafetyFinding(
                "identity-mismatch",
                f"{node.label}: its receipts were written on machine {copied[0][:MACHINE]}, this one is"
                f" {host.system.machine_id[:MACHINE]}; if its disk was moved or restored, set replace: true on the"
                " host; otherwise check that its name leads to the right machine",
            )


def _reinstalled(spec: DeploymentSpec, facts: Mapping[str, HostFacts], recorded: Manifest) -> Iterator[SafetyFinding]:
    """Never install over a host that held what exists once in the cluster."""
    for key in recorded.hosts:
        host, declared = facts.get(key), spec.cluster.config.hosts.get(key)
        if not isinstance(host, Facts) or not host.untouched or declared is None:
            continue
        for role in _roles(spec, key, recorded):
            if not (declared.replace and role in REPLACEABLE):
                label = spec.cluster.nodes[key].label
                machine = host.system.machine_id[:MACHINE]
                yield SafetyFinding(
                    "reinstalled-host", f"{label}: was installed and is empty now (machine {machine}); {REMEDIES[role]}"
                )


def _roles(spec: DeploymentSpec, key: str, recorded: Manifest) -> Iterator[str]:
    if key == next(iter(recorded.etcd), None):
        yield "generator"
    elif key in recorded.etcd:
        yield "etcd"
    if key == next(iter(recorded.config_servers), None):
        yield "keys"
    database = spec.cluster.acl_database
    if isinstance(database, Node) and key == database.key:
        yield "database"


def _foreign_etcd(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[SafetyFinding]:
    """Guide, Planning: Deephaven cannot share an etcd, or the servers of one, with anything else."""
    own = {Installation.ETCD_ENABLE.step, Installation.ETCD_CONFIG.step}
    for member in spec.cluster.members:
        host = facts.get(member.node.key)
        if isinstance(host, Facts) and host.etcd_data and not own & host.receipts.keys():
            directories = some(map(quoted, host.etcd_data))
            yield SafetyFinding(
                "foreign-etcd",
                f"{member.node.label}: an etcd that this program did not create keeps data there ({directories});"
                " Deephaven cannot share an etcd or its servers: name another host, or remove that data if nothing"
                " uses it",
            )


def _would_regenerate(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[SafetyFinding]:
    """Never generate a second time what other hosts have a copy of."""
    for original in _missing_originals(spec, facts):
        copied_by = original.copied_by.step
        holders = [key for key, host in facts.items() if isinstance(host, Facts) and copied_by in host.receipts]
        if holders:
            yield SafetyFinding(
                "would-regenerate",
                f"{original.host.label}: {original.what} are missing, but {', '.join(holders)} use a copy; restore"
                f" them from a backup, with the receipt of {original.generated_by.step}: regenerating would break the"
                " copies",
            )


def _unreachable(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[SafetyFinding]:
    """Never generate what exists once while a host that might have a copy cannot be read."""
    unread = [spec.cluster.nodes[key].label for key, host in facts.items() if isinstance(host, Unreachable)]
    for original in _missing_originals(spec, facts):
        if unread:
            yield SafetyFinding(
                "unreachable-host",
                f"{', '.join(unread)}: cannot be read, so {original.what} may already exist there, and"
                f" {original.host.key} would generate new ones; bring the host up, or remove it from the stack",
            )


def _missing_originals(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[_Original]:
    """Yield what this update would generate for the life of the cluster."""
    first, steps = spec.cluster.members[0].node, Installation
    originals = (
        _Original(first, "etcd's configuration and keys", steps.ETCD_CONFIG, steps.ETCD_SERVER),
        _Original(spec.cluster.primary, "the cluster's keys", steps.KEYGEN, steps.AUTH),
    )
    for original in originals:
        host = facts.get(original.host.key)
        if isinstance(host, Facts) and original.generated_by.step not in host.receipts:
            yield original

"""Finds the manifest of an existing cluster: that of its declared configuration servers, or why there is none. Pure.

No other host's manifest counts: whoever controls one host could otherwise lift the checks that protect the cluster.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.facts.model import Damaged, Facts, HostFacts, Unreachable
from components.installation import Installation
from components.packages.plan import STAGING
from components.release.spec import DeploymentSpec
from components.safety.finding import SafetyFinding
from components.topology.cluster import Node
from components.topology.manifest import Manifest, ManifestFile

FILE = STAGING.parent / "cluster.json"


@dataclass(frozen=True, kw_only=True)
class FoundManifest:
    """The manifest that counts, if there is one, and findings about the others.

    `findings` stop previews and updates; `doubts` stop updates only, since a preview harms nothing; `warnings` stop
    neither.
    """

    manifest: Manifest | None = None
    findings: Sequence[SafetyFinding] = ()
    doubts: Sequence[SafetyFinding] = ()
    warnings: Sequence[str] = ()


def find_manifest(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> FoundManifest:
    """Return the manifest that counts; without facts there is none, and no finding."""
    if not facts:
        return FoundManifest()
    allowed = {override.host for override in spec.cluster.config.allow if override.refusal == "manifest"}
    servers = [spec.cluster.nodes[key] for key in spec.cluster.config.config_servers if key in facts]
    files = {node: found.manifest for node in servers if isinstance(found := facts[node.key], Facts)}
    considered = {node: file for node, file in files.items() if node.key not in allowed}
    damaged = [_damaged(node, file.reason) for node, file in considered.items() if isinstance(file, Damaged)]
    lost = [node for node in considered if _was_complete(facts[node.key])]
    complete = {
        node: file for node, file in files.items() if isinstance(file, ManifestFile) and file.state == "complete"
    }
    if complete:
        return _newest(complete, damaged, [node for node in lost if node not in complete])
    missing = [_missing(node) for node in lost]
    unread = [_unreachable(node) for node in servers if isinstance(facts[node.key], Unreachable)]
    begun = any(isinstance(file, ManifestFile) for file in files.values())
    if damaged or missing or unread or begun:
        return FoundManifest(doubts=[*damaged, *missing, *unread])
    return _elsewhere(spec, facts, allowed)


def _was_complete(host: HostFacts) -> bool:
    """Return whether a host's receipts prove a complete manifest that is missing.

    A first installation that was killed before its last step has a manifest that was begun, and continues.
    """
    if not isinstance(host, Facts) or isinstance(host.manifest, Damaged):
        return False
    return Installation.MANIFEST.step in host.receipts or (
        host.manifest is None and Installation.VERIFY.step in host.receipts
    )


def _newest(
    files: Mapping[Node, ManifestFile], damaged: Sequence[SafetyFinding], lost: Sequence[Node]
) -> FoundManifest:
    first = max(files, key=lambda node: files[node].written)
    newest = files[first]
    warnings = [
        f"{node.label}: its cluster manifest of {file.written} differs from that of {first.label}, which is newer"
        f" ({newest.written}) and counts; the next successful update writes both again"
        for node, file in files.items()
        if file.cluster != newest.cluster
    ]
    warnings += [
        f"{node.label}: its cluster manifest is missing or was begun again, and that of {first.label} counts; the next"
        " successful update writes both again"
        for node in lost
    ]
    return FoundManifest(manifest=newest.cluster, doubts=damaged, warnings=warnings)


def _elsewhere(spec: DeploymentSpec, facts: Mapping[str, HostFacts], allowed: Collection[str | None]) -> FoundManifest:
    """Report a manifest that only undeclared configuration servers have, unless the stack names its host."""
    declared = spec.cluster.config.config_servers
    others = {node: file for node, file in _manifests(spec, facts) if node.key not in declared}
    for node, file in others.items():
        if node.key in allowed and isinstance(file, ManifestFile):
            return FoundManifest(manifest=file.cluster)
    return FoundManifest(findings=[_other(node) for node in others])


def _manifests(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Iterator[tuple[Node, ManifestFile | Damaged]]:
    for key, host in facts.items():
        if isinstance(host, Facts) and host.manifest is not None:
            yield spec.cluster.nodes[key], host.manifest


def _damaged(node: Node, reason: str) -> SafetyFinding:
    return SafetyFinding(
        "manifest",
        f"{node.label}: the cluster manifest {FILE} cannot be read ({reason}), so it is unknown what an update would"
        f" harm; restore it from a backup or from another configuration server; to continue without it: {_allow(node)}",
    )


def _missing(node: Node) -> SafetyFinding:
    return SafetyFinding(
        "manifest",
        f"{node.label}: the cluster was installed, and its manifest {FILE} is missing or was begun again, so it is"
        f" unknown what an update would harm; restore it from a backup; to continue without it: {_allow(node)}",
    )


def _unreachable(node: Node) -> SafetyFinding:
    return SafetyFinding(
        "manifest",
        f"{node.label}: the host cannot be read, and no other configuration server has the cluster manifest, so it is"
        " unknown what an update would harm; bring the host up, or raise facts.timeout, then run pulumi up again",
    )


def _other(node: Node) -> SafetyFinding:
    return SafetyFinding(
        "manifest",
        f"{node.label}: this host has a cluster manifest {FILE} and no declared configuration server has one; name the"
        " previous configuration server under config_servers, or remove the file if it belongs to another cluster; to"
        f" accept this manifest: {_allow(node)}",
    )


def _allow(node: Node) -> str:
    return f"allow: [{{refusal: manifest, host: {node.key}, reason: WHY}}]"

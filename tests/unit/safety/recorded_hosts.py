"""Hosts with and without cluster manifests, and the lines about them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Damaged, Facts, HostFacts, Unreachable
from components.release.spec import DeploymentSpec
from components.safety import manifests as module
from components.safety.checks import check_safety
from components.safety.manifests import FoundManifest
from components.topology.manifest import Manifest, ManifestFile
from tests.unit.safety.shared import DONE, EMPTY, cluster

OLD, NEW = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"
FUTURE = "9999-12-31T23:59:59Z"
FILE = "/var/lib/deephaven-install/cluster.json"
INFRA, QUERY1, QUERY2 = "infra (h1.lab.internal)", "query1 (h2.lab.internal)", "query2 (h3.lab.internal)"
TWO = {"config_servers": ["infra", "query1"], "services": {"acl_database": "infra"}}
SILENT = Unreachable("no answer", "look")
BEGUN = ManifestFile(written=OLD, state="begun")
BROKEN = Damaged("Invalid JSON: EOF while parsing a value at line 1 column 0")
HARM = "so it is unknown what an update would harm"
DAMAGED = (
    f"{INFRA}: the cluster manifest {FILE} cannot be read ({BROKEN.reason}), {HARM}; restore it from a backup or from"
    " another configuration server; to continue without it: allow: [{refusal: manifest, host: infra, reason: WHY}]"
)
MISSING = (
    f"{INFRA}: the cluster was installed, and its manifest {FILE} is missing or was begun again, {HARM}; restore it"
    " from a backup; to continue without it: allow: [{refusal: manifest, host: infra, reason: WHY}]"
)
UNREAD = (
    f"{INFRA}: the host cannot be read, and no other configuration server has the cluster manifest, {HARM}; bring the"
    " host up, or raise facts.timeout, then run pulumi up again"
)
OTHER = (
    f"{QUERY2}: this host has a cluster manifest {FILE} and no declared configuration server has one; name the"
    " previous configuration server under config_servers, or remove the file if it belongs to another cluster; to"
    " accept this manifest: allow: [{refusal: manifest, host: query2, reason: WHY}]"
)


def complete(release: str = "1.20200121.008-1", written: str = OLD, **other: Any) -> ManifestFile:  # noqa: ANN401 - fields
    return ManifestFile(written=written, state="complete", cluster=Manifest(release=release, **other))


NEWER = complete("1.20200121.012-1")


def holding(manifest: ManifestFile | Damaged | None, *receipts: str, host: Facts = EMPTY) -> Facts:
    """Return a host with a manifest and more receipts."""
    return replace(host, manifest=manifest, receipts={**host.receipts, **dict.fromkeys(receipts, DONE)})


def installed(manifest: ManifestFile | Damaged | None, *receipts: str, **others: HostFacts) -> Mapping[str, HostFacts]:
    """Return an installed cluster whose configuration server has a manifest, with replaced facts of some hosts."""
    infra = cluster()["infra"]
    assert isinstance(infra, Facts)
    return cluster(infra=holding(manifest, *receipts, host=infra), **others)


def bare(**others: HostFacts) -> Mapping[str, HostFacts]:
    return {**dict.fromkeys(("infra", "query1", "query2"), EMPTY), **others}


def allowed(host: str) -> Mapping[str, Any]:
    return {"allow": [{"refusal": "manifest", "host": host, "reason": "agreed on with the team"}]}


def found_manifest(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> FoundManifest:
    """Return the found manifest with tuples only, so that it can be compared."""
    result = module.find_manifest(spec, facts)
    return FoundManifest(
        manifest=result.manifest,
        findings=tuple(result.findings),
        doubts=tuple(result.doubts),
        warnings=tuple(result.warnings),
    )


def lines(spec: DeploymentSpec, facts: Mapping[str, HostFacts], *, preview: bool) -> list[str]:
    """Return the lines of the safety findings."""
    return [finding.line for finding in check_safety(spec, facts, found_manifest(spec, facts), preview=preview)]


def names(spec: DeploymentSpec, facts: Mapping[str, HostFacts], *, preview: bool) -> list[str]:
    """Return the names of the safety findings."""
    return [finding.name for finding in check_safety(spec, facts, found_manifest(spec, facts), preview=preview)]

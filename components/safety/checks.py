"""All safety findings of an update, without those that the stack permits. Pure.

They follow from live facts and from the cluster manifest, which the last successful update left on every configuration
server.
"""

from collections.abc import Mapping

from components.facts.model import HostFacts
from components.release.spec import DeploymentSpec
from components.safety.finding import SafetyFinding
from components.safety.identity import check_identity
from components.safety.manifests import FoundManifest
from components.safety.members import check_members
from components.safety.removal import check_removal

OF_ORIGINALS = ("would-regenerate", "unreachable-host")


def check_safety(
    spec: DeploymentSpec, facts: Mapping[str, HostFacts], found: FoundManifest, *, preview: bool
) -> list[SafetyFinding]:
    """Return each thing that the update must not do and that the stack does not permit.

    A preview continues where only an unreadable host or manifest is in the way.
    """
    allowed = {override.refusal for override in spec.cluster.config.allow} - {"manifest"}
    findings = list(check_members(spec, facts, found.manifest))
    # Where another host is declared as the origin of the keys, findings about that one would only confuse.
    same = not {finding.name for finding in findings} & {"etcd-members", "key-host"}
    findings += [
        finding
        for finding in check_identity(spec, facts, found.manifest, preview=preview)
        if same or finding.name not in OF_ORIGINALS
    ]
    if found.manifest:
        findings += check_removal(spec, found.manifest)
    findings += found.findings if preview else [*found.findings, *found.doubts]
    return [finding for finding in findings if finding.name not in allowed]

"""Reports what hosts lack, as one table; stops the update when a finding is an error."""

from collections.abc import Mapping, Sequence

import pulumi

from components.errors import RequirementsRefusal
from components.facts.model import HostFacts
from components.preflight.checks import judge
from components.preflight.finding import Finding, Severity
from components.preflight.table import table
from components.release.spec import Site


def require(site: Site, facts: Mapping[str, HostFacts]) -> None:
    """Tell all that hosts lack at once; raises RequirementsRefusal when one of these findings stops the update."""
    findings: Sequence[Finding] = judge(site, facts)
    if not findings:
        return
    severities = {finding.severity for finding in findings}
    environment = site.cluster.config.environment
    lines = [f"requirements of the hosts ({environment} cluster):", *table(findings)]
    if Severity.ERROR in severities:
        raise RequirementsRefusal(lines)
    told = pulumi.log.warn if Severity.WARNING in severities else pulumi.log.info
    told("\n".join(lines))

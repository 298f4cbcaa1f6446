"""Reports all findings as one table; an error stops the update."""

from collections.abc import Mapping, Sequence

import pulumi

from components.errors import PreflightError
from components.facts.model import HostFacts
from components.preflight.checks import check_hosts
from components.preflight.finding import Finding, Outcome
from components.preflight.table import table
from components.release.spec import DeploymentSpec


def enforce_requirements(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> None:
    """Report all findings at once; raises PreflightError if one of them is an error."""
    findings: Sequence[Finding] = check_hosts(spec, facts)
    if not findings:
        return
    outcomes = {finding.outcome for finding in findings}
    environment = spec.cluster.config.environment
    lines = [f"preflight checks of the hosts ({environment} cluster):", *table(findings)]
    if Outcome.ERROR in outcomes:
        raise PreflightError(lines)
    log = pulumi.log.warn if Outcome.WARNING in outcomes else pulumi.log.info
    log("\n".join(lines))

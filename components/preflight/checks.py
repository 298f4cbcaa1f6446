"""All checks on one screen, and the outcome of their findings in an environment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from components.config.units import parse_size
from components.facts.model import Facts, HostFacts
from components.preflight import identity, machine, network, storage
from components.preflight.finding import Finding, Hosts, Outcome, Severity, Violation
from components.release.model import Profile
from components.release.spec import DeploymentSpec

CheckFunction = Callable[[DeploymentSpec, Hosts, float], Iterator[Violation]]
Limit = Callable[[Profile], float]

NO_LIMIT: Limit = lambda _profile: 0  # noqa: E731 - like the other limits
OPEN_FILES = 65536
CLOCK_SECONDS = 1.0
RPM = parse_size("2GiB")


@dataclass(frozen=True)
class Check:
    """One check: its name under a stack's `requirements`, its severity, its function, and its default limit."""

    name: str
    severity: Severity
    function: CheckFunction
    limit: Limit = NO_LIMIT


ADVICE, REQUIREMENT, CERTAINTY = Severity.ADVICE, Severity.REQUIREMENT, Severity.CERTAINTY
CHECKS = (
    Check("os", REQUIREMENT, machine.operating_system),
    Check("architecture", CERTAINTY, machine.architecture),
    Check("systemd", CERTAINTY, machine.systemd),
    Check("memory", REQUIREMENT, machine.memory, lambda profile: profile.memory.minimum),
    Check("memory", ADVICE, machine.memory, lambda profile: profile.memory.preferred),
    Check("swap", ADVICE, machine.swap),
    Check("open_files", ADVICE, machine.open_files, lambda _: OPEN_FILES),
    Check("storage", REQUIREMENT, storage.space),
    Check("storage_kind", REQUIREMENT, storage.kind),
    Check("shared_storage", REQUIREMENT, storage.shared),
    Check("disk", REQUIREMENT, machine.disk, lambda _: RPM),
    Check("java", REQUIREMENT, machine.java),
    Check("clock", REQUIREMENT, network.clock, lambda _: CLOCK_SECONDS),
    Check("names", REQUIREMENT, network.names),
    Check("host_names", REQUIREMENT, identity.host_names),
    Check("machine_id", REQUIREMENT, identity.machine_id),
    Check("free_ports", REQUIREMENT, network.free_ports),
    Check("reachable_ports", REQUIREMENT, network.reachable_ports),
    Check("selinux", ADVICE, machine.selinux),
    Check("firewall", ADVICE, machine.firewall),
    Check("accounts", CERTAINTY, identity.accounts),
)


def check_hosts(spec: DeploymentSpec, facts: Mapping[str, HostFacts]) -> Sequence[Finding]:
    """Return the findings, check by check, and for the same problem only the most severe one.

    Accepted findings are included, so that they are visible. Unreachable hosts are not checked.
    """
    hosts = {key: host for key, host in facts.items() if isinstance(host, Facts)}
    findings = [finding for check in CHECKS for finding in _run(check, spec, hosts)]
    reported: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        reported.setdefault((finding.check, finding.violation.node.key, finding.violation.actual), finding)
    return list(reported.values())


def _run(check: Check, spec: DeploymentSpec, hosts: Hosts) -> Iterator[Finding]:
    violations = list(check.function(spec, hosts, check.limit(spec.profile)))
    waiver = spec.cluster.config.requirements.of(check.name)
    if waiver is None:
        outcome = _severity(check.severity, spec.cluster.config.environment)
        yield from (Finding(check=check.name, outcome=outcome, violation=violation) for violation in violations)
        return
    left = [] if waiver.threshold is None else list(check.function(spec, hosts, waiver.threshold))
    outcome = _severity(Severity.REQUIREMENT if left else check.severity, spec.cluster.config.environment)
    yield from (Finding(check=check.name, outcome=outcome, violation=violation) for violation in left)
    remaining = {(violation.node, violation.actual) for violation in left}
    for violation in violations:
        if (violation.node, violation.actual) not in remaining:
            accepted = replace(violation, remedy=waiver.reason)
            yield Finding(check=check.name, outcome=Outcome.ACCEPTED, violation=accepted)


def _severity(severity: Severity, environment: str) -> Outcome:
    stops = severity is CERTAINTY or (severity is REQUIREMENT and environment == "production")
    return Outcome.ERROR if stops else Outcome.WARNING

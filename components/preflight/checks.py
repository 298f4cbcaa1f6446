"""The list of checks on one screen, and what comes of their findings in an environment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.config.units import parse_size
from components.facts.model import Facts, HostFacts
from components.preflight import identity, machine, network, storage
from components.preflight.finding import Finding, Known, Outcome, Severity, Violation
from components.release.model import Profile
from components.release.spec import DeploymentSpec

CheckFunction = Callable[[DeploymentSpec, Known, float], Iterator[Violation]]
Limit = Callable[[Profile], float]

NO_LIMIT: Limit = lambda _profile: 0  # noqa: E731 - like the other limits
OPEN_FILES = 65536
CLOCK_SECONDS = 1.0
RPM = parse_size("2GiB")


@dataclass(frozen=True)
class Check:
    """One check: its name in a stack's `requirements`, its weight, its function, its limit without a stack's."""

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
    """Return what the hosts lack, check by check; of a host and check only what weighs most.

    Accepted findings are included, so that they are visible. Unreachable hosts are not checked.
    """
    known = {key: one for key, one in facts.items() if isinstance(one, Facts)}
    found = [finding for check in CHECKS for finding in _run(check, spec, known)]
    reported: dict[tuple[str, str, str], Finding] = {}
    for finding in found:
        reported.setdefault((finding.check, finding.miss.node.key, finding.miss.found), finding)
    return list(reported.values())


def _run(check: Check, spec: DeploymentSpec, known: Known) -> Iterator[Finding]:
    misses = list(check.function(spec, known, check.limit(spec.profile)))
    waiver = spec.cluster.config.requirements.of(check.name)
    if waiver is None:
        outcome = _severity(check.severity, spec.cluster.config.environment)
        yield from (Finding(check=check.name, outcome=outcome, miss=miss) for miss in misses)
        return
    left = [] if waiver.threshold is None else list(check.function(spec, known, waiver.threshold))
    outcome = _severity(Severity.REQUIREMENT if left else check.severity, spec.cluster.config.environment)
    yield from (Finding(check=check.name, outcome=outcome, miss=miss) for miss in left)
    still = {(miss.node, miss.found) for miss in left}
    for miss in misses:
        if (miss.node, miss.found) not in still:
            accepted = Violation(node=miss.node, found=miss.found, needed=miss.needed, remedy=waiver.reason)
            yield Finding(check=check.name, outcome=Outcome.ACCEPTED, miss=accepted)


def _severity(severity: Severity, environment: str) -> Outcome:
    stops = severity is CERTAINTY or (severity is REQUIREMENT and environment == "production")
    return Outcome.ERROR if stops else Outcome.WARNING

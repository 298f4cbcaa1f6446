"""Gathers facts of all hosts before anything is registered, and reports unreachable hosts."""

from collections.abc import Mapping, Sequence

import pulumi

from components.errors import UnreachableHostError
from components.facts.model import Facts, HostFacts, Unreachable
from components.facts.queries import render
from components.release.spec import DeploymentSpec
from components.steps.connection import Endpoint


def gather_facts(spec: DeploymentSpec, endpoints: Mapping[str, Endpoint], *, preview: bool) -> Mapping[str, HostFacts]:
    """Return facts by host, or none with `facts: off`; raises DeploymentError.

    An unreachable host is reported. It never fails a preview. It fails an update if the hosts' builds differ, or if it
    answers without running what it is sent: steps could then end with status 0 although nothing happened.
    """
    facts = _read(spec, endpoints)
    unreachable = {key: host for key, host in facts.items() if isinstance(host, Unreachable)}
    for key, host in unreachable.items():
        where = f"{spec.cluster.nodes[key].label}: {endpoints[key].where}"
        pulumi.log.warn(f"{where}: {host.reason}, so its facts are unknown; {host.remedy}")
    if unreachable and not preview:
        _refuse_idle(spec, unreachable)
        _refuse_mixed_builds(spec, facts, list(unreachable))
    return facts


def _read(spec: DeploymentSpec, endpoints: Mapping[str, Endpoint]) -> Mapping[str, HostFacts]:
    settings = spec.cluster.config.facts
    if not settings.read:
        return {}
    # The import of its library takes a tenth of a second, which `facts: off` saves.
    from components.facts.reader import Target, read  # noqa: PLC0415

    targets = {
        key: Target(label=node.label, endpoint=endpoints[key], text=render(spec, node))
        for key, node in spec.cluster.reachable.items()
    }
    return read(targets, limit=settings.timeout)


def _refuse_idle(spec: DeploymentSpec, unreachable: Mapping[str, Unreachable]) -> None:
    idle = {key: host for key, host in unreachable.items() if host.answers}
    if idle:
        raise UnreachableHostError(
            f"{spec.cluster.nodes[key].label}: {host.reason}; {host.remedy}" for key, host in idle.items()
        )


def _refuse_mixed_builds(spec: DeploymentSpec, facts: Mapping[str, HostFacts], unreachable: Sequence[str]) -> None:
    """Refuse to change the build of some hosts while the build of others is unknown."""
    declared = spec.product_release
    differing = [
        f"{key} has {host.product}"
        for key, host in facts.items()
        if isinstance(host, Facts) and host.product not in ("", declared)
    ]
    if differing:
        raise UnreachableHostError(
            f"{spec.cluster.nodes[key].label}: cannot be reached, while {', '.join(differing)} and {declared} is"
            " declared; bring the host up, then run pulumi up again: builds must not be mixed"
            for key in unreachable
        )

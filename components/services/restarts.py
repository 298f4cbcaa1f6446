"""Plans how running services pick up changes: import, restarts, the controller's reload (guide, Adding Servers)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.services.database import is_external
from components.services.gate import service_gate
from components.steps.model import Step
from components.steps.vendor import vendor_step
from components.topology.cluster import Node


def plan_restarts(spec: DeploymentSpec, *, started: Sequence[str]) -> Iterator[Step]:
    """Yield the restarts, infra last, and the reload; `started` is the last start."""
    cluster = spec.cluster
    readers = {node: reading for node in cluster.nodes.values() if (reading := _readers(spec, node))}
    before = list(started)
    for infra in (False, True):
        nodes = [node for node in readers if ("infra" in node.roles) is infra]
        for node in nodes:
            services, digests = tuple(readers[node]), tuple(readers[node].values())
            yield service_gate(spec, Installation.RESTART, node, after=before, services=services, digests=digests)
        before = [Installation.RESTART.on(node) for node in nodes] or before
    yield vendor_step(
        spec,
        Installation.RELOAD,
        cluster.controller,
        runs="controller_reload",
        after=before,
        queries=tuple(node.fqdn for node in cluster.with_role("query")),
    )


def import_changes(spec: DeploymentSpec) -> Step:
    """Return the import of endpoints and routing that have changed (guide, Adding Servers, 6 and 7)."""
    primary = spec.cluster.primary
    endpoints, routing = spec.command("endpoints_import"), spec.command("routing_import")
    return Step(
        row=Installation.IMPORT_CHANGES,
        node=primary,
        after=(Installation.CONFIG_IMPORT.on(primary),),
        limit=spec.profile.limit("endpoints_import") + spec.profile.limit("routing_import"),
        inputs={
            "endpoints": endpoints,
            "routing": routing,
            "file": spec.profile.routing.file,
            "declared": tuple(_declared(spec)[key] for key in ("routing", "servers", "endpoints")),
        },
    )


def _readers(spec: DeploymentSpec, node: Node) -> Mapping[str, str]:
    """Return the services of a host that must restart to pick up a change, with a digest of all that each one reads."""
    declared = _declared(spec)
    reads = {
        service: [key for key in spec.profile.restart_on_change.of(service) if key in declared]
        for service in spec.services_of(node)
    }
    return {service: _digest([declared[key] for key in keys]) for service, keys in reads.items() if keys}


def _declared(spec: DeploymentSpec) -> Mapping[str, str]:
    """Return a digest of what is declared, by the keys of the profile's `restart_on_change`."""
    cluster = spec.cluster
    servers = [node.fqdn for node in (*cluster.config_servers, *cluster.auth_servers)]
    passwords = {"passwords": spec.generation} if is_external(spec) else {}
    return {
        **passwords,
        "routing": _digest([spec.routing] if spec.routing else spec.command("routing")),
        "servers": _digest(servers),
        "endpoints": _digest(spec.command("endpoints")),
    }


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]

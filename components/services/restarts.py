"""How running services learn what has changed: imports, restarts, the controller's reload (guide, Adding Servers)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from components.release.spec import Site
from components.services.database import outside
from components.services.gate import wait
from components.steps.plan import Action, name
from components.steps.vendor import vendor_step
from components.topology.cluster import Node

IMPORT = "import-changes"


def plan_learning(site: Site, *, started: Sequence[str]) -> Iterator[Action]:
    """Yield the restarts, infra last, and the reload; `started` is the last start."""
    cluster = site.cluster
    learners = {node: found for node in cluster.nodes.values() if (found := _learners(site, node))}
    before = list(started)
    for infra in (False, True):
        nodes = [node for node in learners if ("infra" in node.roles) is infra]
        for node in nodes:
            services, learned = tuple(learners[node]), tuple(learners[node].values())
            yield wait(site, node, "restart", "restart-on-change.sh", after=before, services=services, learned=learned)
        before = [name(node, "restart") for node in nodes] or before
    yield vendor_step(
        site,
        cluster.controller,
        "reload",
        "services/scripts/reload-controller.sh",
        runs="controller_reload",
        after=before,
        queries=tuple(node.fqdn for node in cluster.with_role("query")),
    )


def import_changes(site: Site) -> Action:
    """Return the import of endpoints and routing that have changed (guide, Adding Servers, 6 and 7)."""
    primary = site.cluster.primary
    endpoints, routing = site.command("endpoints_import"), site.command("routing_import")
    return Action(
        node=primary,
        step=IMPORT,
        script="config_server/scripts/import-changes.sh",
        after=(name(primary, "config-import"),),
        limit=site.profile.limit("endpoints_import") + site.profile.limit("routing_import"),
        inputs={
            "endpoints": endpoints,
            "routing": routing,
            "file": site.profile.routing.file,
            "declared": tuple(_declared(site)[what] for what in ("routing", "servers", "endpoints")),
        },
    )


def _learners(site: Site, node: Node) -> Mapping[str, str]:
    """Return the services of a host that must be restarted to learn, with a digest of all that each one reads."""
    declared = _declared(site)
    reads = {
        service: [what for what in site.profile.learn.of(service) if what in declared]
        for service in site.services_of(node)
    }
    return {service: _digest([declared[one] for one in what]) for service, what in reads.items() if what}


def _declared(site: Site) -> Mapping[str, str]:
    """Return a digest of what is declared, by the keys of the profile's `learn`."""
    cluster = site.cluster
    servers = [node.fqdn for node in (*cluster.config_servers, *cluster.auth_servers)]
    passwords = {"passwords": str(cluster.config.passwords.generation)} if outside(site) else {}
    return {
        **passwords,
        "routing": _digest([site.routing] if site.routing else site.command("routing")),
        "servers": _digest(servers),
        "endpoints": _digest(site.command("endpoints")),
    }


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]

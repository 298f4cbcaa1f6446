"""How services come to run (guide, step 22, and the start order of Installing Patch Updates)."""

from collections.abc import Iterator, Mapping, Sequence

from components.host import carry
from components.host.plan import build
from components.release.site import Site
from components.roles.database import database_ready
from components.topology.cluster import Node
from components.topology.plan import Action, Value, name
from components.topology.record import Record

Started = list[tuple[Node, tuple[str, ...]]]
SLACK = 30  # seconds that a step has beside the deadline that it waits for


def plan_roles(site: Site) -> Iterator[Action]:
    """Yield the roles of every host and the gates: configuration, authentication, query hosts, others, infra last."""
    nodes = [node for node in site.cluster.nodes.values() if node.roles]
    configured = [name(site.cluster.primary, "config-import"), database_ready(site)]
    for node in nodes:
        ready = configured if node == site.cluster.primary else [name(node, carry.AUTH)]
        yield site.vendor(
            node,
            "roles",
            "roles/scripts/init-roles.sh",
            runs="monit_init",
            after=[*ready, name(node, "cus")] if node == site.cluster.cus else ready,
            roles=site.monit_roles(node),
            services=site.services_of(node),
            keeps={"known": site.services_of(node)},
        )
    yield from _gates(site, nodes)


def _gates(site: Site, nodes: Sequence[Node]) -> Iterator[Action]:
    """Yield the starts in the guide's order.

    Where many hosts would wait for many, one gate stands between: edges grow with the hosts, not with their square.
    """
    cluster, services = site.cluster, site.profile.services
    infra = [node for node in nodes if "infra" in node.roles]
    query = [node for node in nodes if "query" in node.roles and "infra" not in node.roles]
    others = [node for node in nodes if not {"infra", "query"} & set(node.roles)]
    parts: list[tuple[str, Started]] = [
        ("start-config-server", [(node, (services.config,)) for node in cluster.config_servers]),
        ("start-auth-server", [(node, (services.auth,)) for node in cluster.auth_servers]),
        ("start", [(node, site.services_of(node)) for node in query]),
        ("query-started", [(cluster.primary, (services.config,))] if others else []),
        ("start", [(node, site.services_of(node)) for node in others]),
        ("start", [(node, site.services_of(node)) for node in infra]),
    ]
    before = [name(node, "roles") for node in nodes]
    gated: set[tuple[Node, str]] = set()  # what an earlier gate of the same host has started
    for step, started in parts:
        for node, names in started:
            own = tuple(service for service in names if (node, service) not in gated)
            gated |= {(node, service) for service in names}
            keeps = {**build(site), "services": own}
            yield _wait(site, node, step, "start-services.sh", after=before, keeps=keeps, services=names)
        before = [name(node, step) for node, _ in started] or before


def plan_verification(site: Site, *, after: str) -> Iterator[Action]:
    """Yield the checks of every host and of the whole cluster, the example data, and the record.

    `after` is the check of etcd.
    """
    cluster, profile = site.cluster, site.profile
    nodes = [node for node in cluster.nodes.values() if node.roles]
    last = [node for node in nodes if "infra" in node.roles] or nodes
    started = [name(node, "start") for node in last]
    for node in nodes:
        running, left_out = site.services_of(node), site.left_out_of(node)
        yield _wait(site, node, "services-ok", "check-services.sh", after=started, services=running, left_out=left_out)
    web = f"{cluster.web_api.fqdn}:{profile.web.port}"
    yield Action(
        node=cluster.primary,
        step="verify",
        script="roles/scripts/verify-cluster.sh",
        after=(after, *(name(node, "services-ok") for node in nodes)),
        limit=profile.deadline + SLACK,
        inputs={
            "deadline": str(profile.deadline),
            "client": profile.paths["config_client"],
            "truststore": profile.paths["truststore"],
            "web": web,
            "url": f"https://{web}{profile.web.path}",
            "release": site.product_release,
        },
    )
    if cluster.learn:
        done = [name(cluster.primary, "verify")]
        path = "config_server/scripts/run-once.sh"
        yield site.vendor(
            cluster.learn, "learn", path, runs="learn_install", after=done, what="example data LearnDeephaven installed"
        )
    for node in cluster.config_servers:
        yield _record(site, node)


def _wait(  # noqa: PLR0913 - the fields of a step
    site: Site,
    node: Node,
    step: str,
    script: str,
    *,
    after: Sequence[str],
    keeps: Mapping[str, Value] | None = None,
    **inputs: Value,
) -> Action:
    return Action(
        node=node,
        step=step,
        script=f"roles/scripts/{script}",
        after=tuple(after),
        limit=site.profile.deadline + SLACK,
        inputs={
            **inputs,
            "deadline": str(site.profile.deadline),
            "logs": site.profile.paths["service_logs"],
            "log_names": tuple(f"{log.service}={log.directory}" for log in site.profile.services.logs),
            "quoted": str(site.profile.services.quoted),
            "guarded": (site.profile.paths["auth"], site.profile.paths["etcd_client"]),
            "release": site.product_release,
        },
        keeps=keeps or {},
    )


def _record(site: Site, node: Node) -> Action:
    return Action(
        node=node,
        step="record",
        script="roles/scripts/write-record.sh",
        after=(name(site.cluster.primary, "verify"),),
        limit=60,
        inputs={
            "record": Record.of(site.cluster, site.product_release).text(),
            "truststore": site.profile.paths["truststore"],
        },
    )

"""How services come to run (guide, step 22, and the start order of Installing Patch Updates)."""

from collections.abc import Iterator, Sequence

from components.packages.plan import build
from components.release.spec import Site
from components.services.database import database_ready, plan_password
from components.services.gate import SLACK, wait
from components.services.renewal import plan_renewal
from components.services.restarts import IMPORT, import_changes, plan_learning
from components.steps import transfer
from components.steps.plan import Action, Task, name
from components.steps.vendor import vendor_step
from components.topology.cluster import Node
from components.topology.manifest import Record

Started = list[tuple[Node, tuple[str, ...]]]


def plan_roles(site: Site) -> Iterator[Task]:
    """Yield the roles of every host and the gates: configuration, authentication, query hosts, others, infra last."""
    nodes = [node for node in site.cluster.nodes.values() if node.roles]
    passwords = {relay.node: relay for relay in plan_password(site)}
    yield from passwords.values()
    configured = [name(site.cluster.primary, "config-import"), database_ready(site)]
    for node in nodes:
        ready = configured if node == site.cluster.primary else [name(node, transfer.AUTH)]
        if node in passwords:
            ready = [*ready, passwords[node].name]
        yield vendor_step(
            site,
            node,
            "roles",
            "services/scripts/init-roles.sh",
            runs="monit_init",
            after=[*ready, name(node, "cus")] if node == site.cluster.cus else ready,
            roles=site.monit_roles(node),
            services=site.services_of(node),
            keeps={"known": site.services_of(node)},
        )
    yield import_changes(site)
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
    # What was imported is known to the configuration servers before anything asks them for it.
    before = [name(cluster.primary, IMPORT), *(name(node, "roles") for node in nodes)]
    gated: set[tuple[Node, str]] = set()  # what an earlier gate of the same host has started
    for step, started in parts:
        for node, names in started:
            own = tuple(service for service in names if (node, service) not in gated)
            gated |= {(node, service) for service in names}
            keeps = {**build(site), "services": own}
            release = site.product_release
            yield wait(
                site, node, step, "start-services.sh", after=before, keeps=keeps, services=names, release=release
            )
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
        yield wait(
            site,
            node,
            "services-ok",
            "check-services.sh",
            after=started,
            services=site.services_of(node),
            left_out=site.left_out_of(node),
            release=site.product_release,
        )
    yield from plan_learning(site, started=started)
    learned = name(cluster.controller, "reload")
    renewals = list(plan_renewal(site, after=learned))
    yield from renewals
    web = f"{cluster.web_api.fqdn}:{profile.web.port}"
    yield Action(
        node=cluster.primary,
        step="verify",
        script="services/scripts/verify-cluster.sh",
        after=(after, learned, *(renewal.name for renewal in renewals), *(name(node, "services-ok") for node in nodes)),
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
        yield vendor_step(
            site,
            cluster.learn,
            "learn",
            path,
            runs="learn_install",
            after=done,
            what="example data LearnDeephaven installed",
        )
    for node in cluster.config_servers:
        yield _record(site, node)


def _record(site: Site, node: Node) -> Action:
    return Action(
        node=node,
        step="record",
        script="services/scripts/write-record.sh",
        after=(name(site.cluster.primary, "verify"),),
        limit=60,
        inputs={
            "record": Record.of(site.cluster, site.product_release).text(),
            "truststore": site.profile.paths["truststore"],
        },
    )

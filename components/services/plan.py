"""Plans how services start and are verified (guide, step 22, and the start order of Installing Patch Updates)."""

from collections.abc import Iterator, Sequence

from components.installation import Installation, Row
from components.packages.plan import build_invariant
from components.release.spec import DeploymentSpec
from components.services.database import database_ready, plan_password
from components.services.gate import GRACE_SECONDS, service_gate
from components.services.renewal import plan_renewal
from components.services.restarts import import_changes, plan_restarts
from components.steps.model import AnyStep, Step
from components.steps.vendor import vendor_step
from components.topology.cluster import Node
from components.topology.manifest import Manifest

Started = list[tuple[Node, tuple[str, ...]]]


def plan_services(spec: DeploymentSpec) -> Iterator[AnyStep]:
    """Yield the roles of every host and the gates: configuration, authentication, query hosts, others, infra last."""
    nodes = [node for node in spec.cluster.nodes.values() if node.roles]
    passwords = {step.node: step for step in plan_password(spec)}
    yield from passwords.values()
    configured = [Installation.CONFIG_IMPORT.on(spec.cluster.primary), database_ready(spec)]
    for node in nodes:
        ready = configured if node == spec.cluster.primary else [Installation.AUTH.on(node)]
        if node == spec.cluster.primary and spec.cluster.non_primary:
            ready = [Installation.AUTH_PACKAGE.on(node)]
        if node in passwords:
            ready = [*ready, passwords[node].resource_name]
        yield vendor_step(
            spec,
            Installation.ROLES,
            node,
            runs="monit_init",
            after=[*ready, Installation.CUS.on(node)] if node == spec.cluster.cus else ready,
            roles=spec.monit_roles(node),
            services=spec.services_of(node),
            ensures={"monitored": spec.services_of(node)},
        )
    yield import_changes(spec)
    yield from _gates(spec, nodes)


def _gates(spec: DeploymentSpec, nodes: Sequence[Node]) -> Iterator[Step]:
    """Yield the starts in the guide's order.

    If many hosts would wait for many, one gate is in between: edges grow with the hosts, not with their square.
    """
    cluster, services = spec.cluster, spec.profile.services
    infra = [node for node in nodes if "infra" in node.roles]
    query = [node for node in nodes if "query" in node.roles and "infra" not in node.roles]
    others = [node for node in nodes if not {"infra", "query"} & set(node.roles)]
    gates: list[tuple[Row, Started]] = [
        (Installation.START_CONFIG, [(node, (services.config,)) for node in cluster.config_servers]),
        (Installation.START_AUTH, [(node, (services.auth,)) for node in cluster.auth_servers]),
        (Installation.START, [(node, spec.services_of(node)) for node in query]),
        (Installation.QUERY_STARTED, [(cluster.primary, (services.config,))] if others else []),
        (Installation.START, [(node, spec.services_of(node)) for node in others]),
        (Installation.START, [(node, spec.services_of(node)) for node in infra]),
    ]
    # Configuration servers start after the import, so that no service reads an older configuration from them.
    before = [Installation.IMPORT_CHANGES.on(cluster.primary), *(Installation.ROLES.on(node) for node in nodes)]
    gated: set[tuple[Node, str]] = set()  # services that an earlier gate has started on the same host
    for row, started in gates:
        for node, names in started:
            own = tuple(service for service in names if (node, service) not in gated)
            gated |= {(node, service) for service in names}
            ensures = {**build_invariant(spec), "services": own}
            release = spec.product_release
            yield service_gate(spec, row, node, after=before, ensures=ensures, services=names, release=release)
        before = [row.on(node) for node, _ in started] or before


def plan_verification(spec: DeploymentSpec) -> Iterator[Step]:
    """Yield the checks of every host and of the whole cluster, the example data, and the cluster manifest."""
    cluster = spec.cluster
    nodes = [node for node in cluster.nodes.values() if node.roles]
    last = [node for node in nodes if "infra" in node.roles] or nodes
    started = [Installation.START.on(node) for node in last]
    for node in nodes:
        yield service_gate(
            spec,
            Installation.SERVICES_OK,
            node,
            after=started,
            services=spec.services_of(node),
            excluded=spec.excluded_services(node),
            release=spec.product_release,
        )
    yield from plan_restarts(spec, started=started)
    reloaded = Installation.RELOAD.on(cluster.controller)
    renewals = list(plan_renewal(spec, after=reloaded))
    yield from renewals
    checked = [Installation.SERVICES_OK.on(node) for node in nodes]
    yield _verify(spec, after=[reloaded, *(renewal.resource_name for renewal in renewals), *checked])
    if cluster.example_data:
        yield vendor_step(
            spec,
            Installation.EXAMPLE_DATA,
            cluster.example_data,
            runs="learn_install",
            after=[Installation.VERIFY.on(cluster.primary)],
            what="example data LearnDeephaven installed",
        )
    for node in cluster.config_servers:
        yield _manifest(spec, node)


def _verify(spec: DeploymentSpec, *, after: Sequence[str]) -> Step:
    cluster, profile = spec.cluster, spec.profile
    web = f"{cluster.web_api.fqdn}:{profile.web.port}"
    return Step(
        row=Installation.VERIFY,
        node=cluster.primary,
        after=(Installation.ETCD_OK.on(cluster.members[0].node), *after),
        limit=profile.deadline + GRACE_SECONDS,
        inputs={
            "deadline": str(profile.deadline),
            "client": profile.paths["config_client"],
            "truststore": profile.paths["truststore"],
            "web": web,
            "url": f"https://{web}{profile.web.path}",
            "release": spec.product_release,
        },
    )


def _manifest(spec: DeploymentSpec, node: Node) -> Step:
    return Step(
        row=Installation.MANIFEST,
        node=node,
        after=(Installation.VERIFY.on(spec.cluster.primary),),
        limit=60,
        inputs={
            "manifest": Manifest.of(spec.cluster, spec.product_release).text(),
            "truststore": spec.profile.paths["truststore"],
        },
    )

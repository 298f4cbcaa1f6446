"""Plans the cluster's keys and configuration (guide, steps 13 to 21 without the database)."""

from collections.abc import Iterator, Sequence

from components.installation import Installation, Row
from components.release.spec import DeploymentSpec
from components.steps import transfer
from components.steps.model import AnyStep, Step
from components.steps.vendor import vendor_step
from components.tls import plan as tls
from components.topology.cluster import Node


def plan_config_server(spec: DeploymentSpec, *, database: str) -> Iterator[AnyStep]:
    """Yield keys, settings, endpoints, the Client Update Service, routing, and the import into etcd.

    `database` is the step after which the ACL database is ready (guide, step 17).
    """
    cluster, primary = spec.cluster, spec.cluster.primary
    yield _keys(spec)
    yield _settings(spec)
    yield vendor_step(
        spec,
        Installation.ENDPOINTS,
        primary,
        runs="endpoints",
        after=[Installation.CONFIG_SERVER.on(primary)],
        report=spec.profile.endpoints_report,
    )
    before_import = [Installation.ENDPOINTS.on(primary)]
    if cluster.cus == primary:
        yield _cus(spec, Installation.CUS, primary, after=before_import)
        before_import = [Installation.CUS.on(primary)]
    routing = list(_routing(spec))
    yield from routing
    yield vendor_step(
        spec,
        Installation.CONFIG_IMPORT,
        primary,
        runs="config_import",
        after=[*before_import, routing[-1].resource_name, database],
        what="configuration loaded into etcd",
    )


def plan_distribution(spec: DeploymentSpec, *, after: Sequence[str]) -> Iterator[AnyStep]:
    """Yield the keys' archive and its transfer to all other hosts (guide, step 21), and a CUS on a host of its own.

    The archive holds everything that was configured before, so it waits for all steps in `after`.
    """
    paths, primary, cus = spec.profile.paths, spec.cluster.primary, spec.cluster.cus
    if spec.cluster.non_primary:
        yield _package(spec, after=after)
    for node in spec.cluster.non_primary:
        yield transfer.archive(
            spec,
            Installation.AUTH,
            source=primary,
            target=node,
            file=spec.profile.archives.auth,
            export="auth_package",
            contents=[paths["auth"], paths["clients"]],
            import_="auth_unpackage",
            results=[paths["truststore"], f"{paths['config_client']}/host"],
            # No service starts before its host's connector is in place, also after a patch.
            after=[
                Installation.AUTH_PACKAGE.on(primary),
                Installation.CONNECTOR.on(node),
                *([Installation.ETCD_CLIENT.on(node)] if node in spec.cluster.etcd_clients else []),
            ],
        )
    if cus and cus != primary:
        yield _cus(spec, Installation.CUS_ELSEWHERE, cus, after=[Installation.AUTH.on(cus)])


def _package(spec: DeploymentSpec, *, after: Sequence[str]) -> Step:
    """Return the step that packages the keys, again for each new host (guide, step 21, and Adding Servers, 8)."""
    return vendor_step(
        spec,
        Installation.AUTH_PACKAGE,
        spec.cluster.primary,
        runs="auth_package",
        after=after,
        file=spec.profile.archives.auth,
        hosts=tuple(node.key for node in spec.cluster.non_primary if node.key not in spec.cluster.lost),
    )


def _cus(spec: DeploymentSpec, row: Row, node: Node, *, after: Sequence[str]) -> Step:
    script = tls.cus(spec.cluster.config.certificate)
    return vendor_step(spec, row, node, runs=script, after=after, what="Client Update Service set up")


def _routing(spec: DeploymentSpec) -> Iterator[AnyStep]:
    """Yield the routing, and its transfer to the host that imports it (guide, steps 19 and 20).

    A stack's own document replaces the one that the vendor's script would write. The guide sets the routing on the DIS
    host and imports it on the configuration server; it does not mention the transfer in between.
    """
    primary, routing = spec.cluster.primary, spec.profile.routing
    if spec.routing:
        yield Step(
            row=Installation.ROUTING_OWN,
            node=primary,
            after=(Installation.ENDPOINTS.on(primary),),
            limit=transfer.LIMIT,
            inputs={"file": routing.file, "document": spec.routing},
        )
        return
    dis = spec.cluster.with_role("dis")[0] if routing.at == "dis" else primary
    yield vendor_step(
        spec,
        Installation.ROUTING,
        dis,
        runs="routing",
        after=[Installation.ENDPOINTS.on(primary), Installation.PRODUCT.on(dis)],
        what="data routing set",
    )
    if dis != primary:
        yield transfer.plain(
            Installation.ROUTING_FILE,
            source=dis,
            target=primary,
            file=routing.file,
            owners=spec.file_owners,
            mode="0644",
            after=[Installation.ROUTING.on(dis)],
        )


def _keys(spec: DeploymentSpec) -> Step:
    primary, first = spec.cluster.primary, spec.cluster.members[0].node
    return vendor_step(
        spec,
        Installation.KEYGEN,
        primary,
        runs=tls.keygen(spec.cluster.config.certificate),
        after=[
            Installation.ETCD_ADMIN.on(first),
            Installation.PRODUCT.on(primary),
            *([Installation.ETCD_CLIENT.on(primary)] if primary in spec.cluster.etcd_clients else []),
            *tls.installed(spec),
        ],
        truststore=spec.profile.paths["truststore"],
        servers=spec.profile.paths["etcd_servers"],
        archive=spec.profile.archives.auth,
        restore=spec.command("auth_unpackage"),
    )


def _settings(spec: DeploymentSpec) -> Step:
    primary = spec.cluster.primary
    return vendor_step(
        spec,
        Installation.CONFIG_SERVER,
        primary,
        runs="config_server_init",
        after=[Installation.KEYGEN.on(primary), Installation.CONNECTOR.on(primary)],
        client=spec.profile.paths["config_client"],
        server=primary.fqdn,
    )

"""How the cluster's keys and configuration come to be (guide, steps 13 to 20 but for the database)."""

from collections.abc import Iterator, Sequence

from components.release.spec import Site
from components.steps import transfer
from components.steps.plan import Action, Task, name
from components.steps.vendor import vendor_step
from components.tls import plan as tls
from components.topology.cluster import Node

RUN_ONCE = "config_server/scripts/run-once.sh"


def plan_config_server(site: Site, *, after: str) -> Iterator[Task]:
    """Yield keys, settings, endpoints, CUS, routing and the import; `after` is what makes etcd ready."""
    cluster, primary = site.cluster, site.cluster.primary
    yield _keys(site, after)
    yield _settings(site)
    yield vendor_step(
        site,
        primary,
        "endpoints",
        "config_server/scripts/set-endpoints.sh",
        runs="endpoints",
        after=[name(primary, "config-server")],
        report=site.profile.endpoints_report,
    )
    before_import = [name(primary, "endpoints")]
    if cluster.cus == primary:
        yield _cus(site, primary, after=before_import)
        before_import = [name(primary, "cus")]
    routing = list(_routing(site))
    yield from routing
    yield _once(
        site,
        primary,
        "config-import",
        "config_import",
        after=[*before_import, routing[-1].name],
        what="configuration loaded into etcd",
    )


def plan_distribution(site: Site, *, after: Sequence[str]) -> Iterator[Task]:
    """Yield the keys' way to all other nodes (guide, step 21), and the CUS where it has a host of its own.

    `after` is what the archive must hold: everything that was configured before.
    """
    paths, primary, cus = site.profile.paths, site.cluster.primary, site.cluster.cus
    for node in site.cluster.others:
        yield transfer.archive(
            site,
            transfer.AUTH,
            source=primary,
            target=node,
            file=site.profile.archives.auth,
            pack="auth_package",
            contents=[paths["auth"], paths["clients"]],
            unpack="auth_unpackage",
            results=[paths["truststore"], f"{paths['config_client']}/host"],
            after=[*after, name(node, "connector")],  # nothing starts before: a patch has its jar in place then
        )
    if cus and cus != primary:
        yield _cus(site, cus, after=[name(cus, transfer.AUTH)])


def _cus(site: Site, node: Node, *, after: Sequence[str]) -> Action:
    script = tls.cus(site.cluster.config.certificate)
    return _once(site, node, "cus", script, after=after, what="Client Update Service set up")


def _routing(site: Site) -> Iterator[Task]:
    """Yield where the routing is set, and its way to where it is imported (guide, steps 19 and 20).

    A stack's own document replaces what the vendor's script would write. The guide sets it on the DIS host and imports
    on the configuration server, and says nothing of what lies between.
    """
    primary, routing = site.cluster.primary, site.profile.routing
    if site.routing:
        yield Action(
            node=primary,
            step="routing",
            script="config_server/scripts/place-routing.sh",
            after=(name(primary, "endpoints"),),
            limit=transfer.LIMIT,
            inputs={"file": routing.file, "document": site.routing},
        )
        return
    dis = site.cluster.with_role("dis")[0] if routing.at == "dis" else primary
    endpoints = name(primary, "endpoints")
    yield _once(site, dis, "routing", "routing", after=[endpoints, name(dis, "product")], what="data routing set")
    if dis != primary:
        after = [name(dis, "routing")]
        yield transfer.plain(
            "routing-file",
            source=dis,
            target=primary,
            file=routing.file,
            owners=site.file_owners,
            mode="0644",
            after=after,
        )


def _keys(site: Site, after: str) -> Action:
    primary = site.cluster.primary
    return vendor_step(
        site,
        primary,
        "keygen",
        "config_server/scripts/generate-keys.sh",
        runs=tls.keygen(site.cluster.config.certificate),
        after=[after, name(primary, "product"), *tls.installed(site)],
        truststore=site.profile.paths["truststore"],
        servers=site.profile.paths["etcd_servers"],
        archive=site.profile.archives.auth,
        restore=site.command("auth_unpackage"),
    )


def _settings(site: Site) -> Action:
    primary = site.cluster.primary
    return vendor_step(
        site,
        primary,
        "config-server",
        "config_server/scripts/init-config-server.sh",
        runs="config_server_init",
        after=[name(primary, "keygen"), name(primary, "connector")],
        client=site.profile.paths["config_client"],
        server=primary.fqdn,
    )


def _once(  # noqa: PLR0913 - the fields of a step
    site: Site, node: Node, step: str, runs: str, *, after: Sequence[str], what: str
) -> Action:
    return vendor_step(site, node, step, RUN_ONCE, runs=runs, after=after, what=what)

"""How the cluster's keys and configuration come to be (guide, steps 13 to 20 but for the database)."""

from collections.abc import Iterator, Sequence

from components.release.site import Site
from components.tls import plan as tls
from components.topology.cluster import Node
from components.topology.plan import Action, name

RUN_ONCE = "config_server/scripts/run-once.sh"


def plan_config_server(site: Site, *, after: str) -> Iterator[Action]:
    """Yield keys, settings, endpoints, CUS, routing and the import; `after` is what makes etcd ready."""
    cluster, primary = site.cluster, site.cluster.primary
    yield _keys(site, after)
    yield _settings(site)
    yield site.vendor(
        primary,
        "endpoints",
        "config_server/scripts/set-endpoints.sh",
        runs="endpoints",
        after=[name(primary, "config-server")],
        report=site.profile.endpoints_report,
    )
    before_import = [name(primary, "endpoints")]
    if cluster.cus:
        script = tls.cus(cluster.config.certificate)
        yield _once(site, cluster.cus, "cus", script, after=before_import, what="Client Update Service set up")
        before_import = [name(cluster.cus, "cus")]
    routed = cluster.with_role("dis")[0] if cluster.with_role("dis") else primary
    yield _once(site, routed, "routing", "routing", after=[name(primary, "endpoints")], what="data routing set")
    before_import.append(name(routed, "routing"))
    yield _once(
        site, primary, "config-import", "config_import", after=before_import, what="configuration loaded into etcd"
    )


def _keys(site: Site, after: str) -> Action:
    primary = site.cluster.primary
    return site.vendor(
        primary,
        "keygen",
        "config_server/scripts/generate-keys.sh",
        runs=tls.keygen(site.cluster.config.certificate),
        after=[after, name(primary, "product")],
        truststore=site.profile.paths["truststore"],
        servers=site.profile.paths["etcd_servers"],
    )


def _settings(site: Site) -> Action:
    primary = site.cluster.primary
    return site.vendor(
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
    return site.vendor(node, step, RUN_ONCE, runs=runs, after=after, what=what)

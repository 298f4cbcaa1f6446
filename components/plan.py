"""The order of the installation, the guide's steps 1 to 22, on one screen. Pure: no Pulumi, no connection."""

from collections.abc import Iterator

from components.config_server.plan import plan_config_server
from components.etcd.plan import plan_etcd
from components.host.plan import plan_host
from components.release.site import Site
from components.roles.plan import plan_database, plan_roles, plan_verification
from components.topology.plan import Plan, Task, name


def plan(site: Site, *, digest: str) -> Plan:
    """Return all that is to be done for a cluster; `digest` is the SHA-256 of the product's RPM."""
    return Plan(_tasks(site, digest))


def _tasks(site: Site, digest: str) -> Iterator[Task]:
    cluster = site.cluster
    first, primary = cluster.members[0].node, cluster.primary
    stopped = tuple(name(node, "stop") for node in cluster.nodes.values())
    for node in cluster.nodes.values():
        yield from plan_host(site, node, digest=digest, stopped=stopped)
    yield from plan_etcd(site)
    yield from plan_config_server(site, after=name(first, "etcd-admin"))
    yield from plan_database(site, after=name(primary, "endpoints"))
    configured = [name(primary, "config-import"), name(cluster.acl_database, "acl-database")]
    yield from plan_roles(site, after=configured)
    yield from plan_verification(site)

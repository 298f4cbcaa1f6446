"""The order of the installation, the guide's steps 1 to 22, on one screen. Pure: no Pulumi, no connection."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from components.config_server.plan import plan_config_server, plan_distribution
from components.etcd.plan import check_members, plan_etcd
from components.packages.plan import plan_host, plan_product
from components.release.spec import Site
from components.services.database import database_ready, plan_acl_database
from components.services.plan import plan_roles, plan_verification
from components.steps.plan import ANCHOR, Plan, Task, name, without
from components.tls.plan import plan_certificate


def parts(site: Site, *, digest: str) -> Mapping[str, Iterable[Task]]:
    """Return all that is to be done, part by part in order; `digest` is the SHA-256 of the product's RPM."""
    cluster = site.cluster
    nodes = cluster.nodes.values()
    primary, first = cluster.primary, cluster.members[0].node
    configured = [name(primary, "config-import"), database_ready(site)]
    found: Mapping[str, Iterable[Task]] = MappingProxyType(
        {
            "hosts": [task for node in nodes for task in plan_host(site, node, digest=digest)],
            "product": [task for node in nodes for task in plan_product(site, node, digest=digest)],
            "certificate": list(plan_certificate(site)),
            "etcd": list(plan_etcd(site)),
            "config-server": list(plan_config_server(site, after=name(first, "etcd-admin"))),
            "acl-database": list(plan_acl_database(site, after=name(primary, "endpoints"))),
            "distribution": list(plan_distribution(site, after=configured)),
            "roles": list(plan_roles(site)),
            "verification": [
                check_members(site, "etcd-ok", after=configured),
                *plan_verification(site, after=name(first, "etcd-ok")),
            ],
        }
    )
    return _of_the_living(found, cluster.lost) if cluster.lost else found


def _of_the_living(found: Mapping[str, Iterable[Task]], lost: Collection[str]) -> Mapping[str, Iterable[Task]]:
    """Return the parts without what would be done on lost hosts; their anchors stay, to be forgotten."""
    areas = {area: list(tasks) for area, tasks in found.items()}
    left = {task.name: task for task in without(chain(*areas.values()), lost, but=ANCHOR)}
    return {area: [left[task.name] for task in tasks if task.name in left] for area, tasks in areas.items()}


def areas(site: Site, *, digest: str) -> Mapping[str, Sequence[Task]]:
    """Return each area's tasks in the plan's order; raises ProfileError when an argument list cannot be filled in."""
    found = parts(site, digest=digest)
    order = plan(found)
    return {area: order.in_order(tasks) for area, tasks in found.items()}


def plan(found: Mapping[str, Iterable[Task]]) -> Plan:
    """Return all areas' tasks as one plan, its order checked; raises ValueError when they do not fit together."""
    return Plan(task for tasks in found.values() for task in tasks)

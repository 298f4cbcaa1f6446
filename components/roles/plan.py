"""How services come to run (guide, steps 17 and 22, and the start order of Installing Patch Updates)."""

import json
from collections.abc import Iterator, Sequence

from components.release.site import Site
from components.topology.cluster import Node
from components.topology.plan import Action, Value, name

SLACK = 30  # seconds that a step has beside the deadline that it waits for


def plan_acl_database(site: Site, *, after: str) -> Iterator[Action]:
    """Yield MariaDB's start and the ACL database; `after` is what must be configured before."""
    node = site.cluster.acl_database
    yield Action(
        node=node,
        step="database",
        script="roles/scripts/start-database.sh",
        after=(name(node, "packages"),),
        limit=180,
        inputs={"unit": site.profile.units["acl_database"], "data": site.profile.paths["acl_database_data"]},
    )
    yield site.vendor(
        node,
        "acl-database",
        "roles/scripts/init-acl-database.sh",
        runs="dbacl_init",
        after=[name(node, "database"), name(node, "connector"), after],
        exists=site.command("dbacl_exists"),
    )


def plan_roles(site: Site, *, after: Sequence[str]) -> Iterator[Action]:
    """Yield the roles of every host and the gates: configuration, authentication, query hosts, then the others."""
    nodes = [node for node in site.cluster.nodes.values() if node.roles]
    for node in nodes:
        yield site.vendor(
            node,
            "roles",
            "roles/scripts/init-roles.sh",
            runs="monit_init",
            after=after,
            roles=tuple(site.profile.roles[role] for role in node.roles),
        )
    yield from _gates(site, nodes)


def _gates(site: Site, nodes: Sequence[Node]) -> Iterator[Action]:
    cluster, services = site.cluster, site.profile.services
    before = [name(node, "roles") for node in nodes]
    query = [node for node in nodes if "query" in node.roles and "infra" not in node.roles]
    others = [node for node in nodes if node not in query]
    parts: list[tuple[str, list[tuple[Node, tuple[str, ...]]]]] = [
        ("start-config-server", [(node, (services.configuration,)) for node in cluster.config_servers]),
        ("start-auth-server", [(node, (services.authentication,)) for node in cluster.auth_servers]),
        ("start", [(node, site.services_of(node)) for node in query]),
        ("start", [(node, site.services_of(node)) for node in others]),
    ]
    for step, started in parts:
        for node, names in started:
            yield _wait(site, node, step, "start-services.sh", after=before, services=names)
        before = [name(node, step) for node, _ in started] or before


def plan_verification(site: Site, *, after: str) -> Iterator[Action]:
    """Yield the checks of every host and of the whole cluster, the example data, and the record.

    `after` is the check of etcd.
    """
    cluster, profile = site.cluster, site.profile
    nodes = [node for node in cluster.nodes.values() if node.roles]
    started = [name(node, "start") for node in nodes]
    for node in nodes:
        services = {"services": site.services_of(node), "left_out": site.left_out}
        yield _wait(site, node, "services-ok", "check-services.sh", after=started, **services)
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
    yield _record(site)


def _wait(site: Site, node: Node, step: str, script: str, *, after: Sequence[str], **inputs: Value) -> Action:
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
            "release": site.product_release,
        },
    )


def _record(site: Site) -> Action:
    cluster = site.cluster
    record = {
        "release": site.product_release,
        "hosts": {key: {**node.fields, "roles": node.roles} for key, node in cluster.nodes.items()},
        "etcd": [member.node.key for member in cluster.members],
        "config_servers": [node.key for node in cluster.config_servers],
        "auth_servers": [node.key for node in cluster.auth_servers],
    }
    return Action(
        node=cluster.primary,
        step="record",
        script="roles/scripts/write-record.sh",
        after=(name(cluster.primary, "verify"),),
        limit=60,
        inputs={"record": json.dumps(record, sort_keys=True), "truststore": site.profile.paths["truststore"]},
    )

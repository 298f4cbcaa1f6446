"""How the etcd cluster comes to be (guide, steps 7 to 12).

The member list given to config_generator is fixed at generation, so only that step has it as an input.
"""

from collections.abc import Iterator, Sequence

from components.release.spec import Site
from components.steps import transfer
from components.steps.plan import Action, Relay, Task, name
from components.steps.vendor import vendor_step
from components.topology.cluster import Member, Node

CONFIG = "etcd-config"


def plan_etcd(site: Site) -> Iterator[Task]:
    """Yield the configuration on the first member, its way to the others, the start of all, the gate, and the rest."""
    cluster = site.cluster
    first = cluster.members[0].node
    yield _generate(site)
    for member in cluster.members[1:]:
        yield _server(site, member)
        if _replaced(site, member):
            yield _replace(site, member)
    for node in clients(site):
        yield _client(site, node)
    for member in cluster.members:
        yield vendor_step(
            site,
            member.node,
            "etcd-enable",
            "etcd/scripts/enable-etcd.sh",
            runs="enable_etcd",
            after=[name(member.node, "etcd-replace" if _replaced(site, member) else CONFIG)],
            unit=site.profile.units["etcd"],
            root=site.profile.paths["etcd_root"],
            data=site.profile.paths["etcd_data"],
            keeps={"unit": site.profile.units["etcd"]},
            **({"joins": _config(site)} if _replaced(site, member) else {}),
        )
    enabled = [name(member.node, "etcd-enable") for member in cluster.members]
    yield check_members(site, "etcd-present", after=enabled)
    yield vendor_step(
        site,
        first,
        "etcd-admin",
        "etcd/scripts/init-admin.sh",
        runs="admin_init",
        after=[name(first, "etcd-present")],
        users=site.command("etcd_users"),
    )


def clients(site: Site) -> list[Node]:
    """Return the configuration servers that are no etcd members (guide, step 10)."""
    members = [member.node for member in site.cluster.members]
    return [node for node in site.cluster.config_servers if node not in members]


def _generate(site: Site) -> Action:
    first = site.cluster.members[0].node
    return vendor_step(
        site,
        first,
        CONFIG,
        "etcd/scripts/generate-config.sh",
        runs="config_generator",
        after=[name(first, "product")],
        servers=site.profile.paths["etcd_servers"],
        data=site.profile.paths["etcd_data"],
        config=site.profile.etcd_files["config"],
        ssl=site.profile.etcd_files["ssl"],
        archive=site.profile.archives.etcd,
        restore=(*site.command("unpackage_server"), "1"),
    )


def _replaced(site: Site, member: Member) -> bool:
    """Say whether a member may come back empty; the first cannot, what it had made is nowhere else."""
    return site.cluster.config.hosts[member.node.key].replace and member != site.cluster.members[0]


def _replace(site: Site, member: Member) -> Action:
    return vendor_step(
        site,
        member.node,
        "etcd-replace",
        "etcd/scripts/replace-member.sh",
        runs="etcd_members",
        after=[name(member.node, CONFIG)],
        health=site.command("etcd_health"),
        address=member.node.ip or "",
    )


def _server(site: Site, member: Member) -> Relay:
    """Return the way of a member's configuration and keys to it (guide, steps 8 and 9)."""
    ordinal = str(member.ordinal)
    return _archive(site, member.node, unpack="unpackage_server", arguments=[ordinal], result=_config(site))


def _config(site: Site) -> str:
    return f"{site.profile.paths['etcd_servers']}/latest/{site.profile.etcd_files['config']}"


def _client(site: Site, node: Node) -> Relay:
    """Return the way of the client's configuration to a configuration server (guide, steps 8 and 10)."""
    endpoints = f"{site.profile.paths['etcd_client']}/{site.profile.etcd_files['client']}"
    return _archive(site, node, unpack="unpackage_client", arguments=[], result=endpoints)


def _archive(site: Site, node: Node, *, unpack: str, arguments: Sequence[str], result: str) -> Relay:
    first = site.cluster.members[0].node
    return transfer.archive(
        site,
        CONFIG,
        source=first,
        target=node,
        file=site.profile.archives.etcd,
        pack=None,
        unpack=unpack,
        arguments=arguments,
        results=[result],
        after=[name(first, CONFIG), name(node, "product")],
    )


def check_members(site: Site, step: str, *, after: Sequence[str]) -> Action:
    """Return a check that all members are present and agree on a leader (guide, step 11)."""
    members = site.cluster.members
    return vendor_step(
        site,
        members[0].node,
        step,
        "etcd/scripts/check-members.sh",
        runs="etcd_status",
        after=after,
        members=str(len(members)),
        deadline=str(site.profile.deadline),
    )

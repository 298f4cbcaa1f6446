"""How the etcd cluster comes to be (guide, steps 7 to 12).

The member list given to config_generator is fixed at generation, so only that step has it as an input.
"""

from collections.abc import Iterator, Sequence

from components.release.site import Site
from components.topology.plan import Action, name


def plan_etcd(site: Site) -> Iterator[Action]:
    """Yield the configuration on the first member, the start of all, the gate, and the initialization."""
    first = site.cluster.members[0].node
    yield _generate(site)
    for member in site.cluster.members:
        yield site.vendor(
            member.node,
            "etcd-enable",
            "etcd/scripts/enable-etcd.sh",
            runs="enable_etcd",
            after=[name(first, "etcd-config"), name(member.node, "product")],
            unit=site.profile.units["etcd"],
        )
    enabled = [name(member.node, "etcd-enable") for member in site.cluster.members]
    yield check_members(site, "etcd-present", after=enabled)
    yield site.vendor(
        first,
        "etcd-admin",
        "etcd/scripts/init-admin.sh",
        runs="admin_init",
        after=[name(first, "etcd-present")],
        users=site.command("etcd_users"),
    )


def _generate(site: Site) -> Action:
    first = site.cluster.members[0].node
    return site.vendor(
        first,
        "etcd-config",
        "etcd/scripts/generate-config.sh",
        runs="config_generator",
        after=[name(first, "product")],
        servers=site.profile.paths["etcd_servers"],
        data=site.profile.paths["etcd_data"],
        config=site.profile.etcd_files["config"],
        ssl=site.profile.etcd_files["ssl"],
    )


def check_members(site: Site, step: str, *, after: Sequence[str]) -> Action:
    """Return a check that all members are present and agree on a leader (guide, step 11)."""
    members = site.cluster.members
    return site.vendor(
        members[0].node,
        step,
        "etcd/scripts/check-members.sh",
        runs="etcd_status",
        after=after,
        members=str(len(members)),
        deadline=str(site.profile.deadline),
    )

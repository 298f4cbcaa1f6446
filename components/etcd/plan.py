"""Plans the etcd cluster (guide, steps 7 to 12).

The list of members that config_generator gets is fixed once it has run, so no other step has it as an input.
"""

from collections.abc import Iterator, Sequence

from components.installation import Installation, Row
from components.release.spec import DeploymentSpec
from components.steps import transfer
from components.steps.model import AnyStep, FileTransfer, Step
from components.steps.vendor import vendor_step
from components.topology.cluster import Member, Node


def plan_etcd(spec: DeploymentSpec) -> Iterator[AnyStep]:
    """Yield the configuration on the first member, its transfers, the start of all members, their check, and users."""
    cluster = spec.cluster
    first = cluster.members[0].node
    yield _generate(spec)
    for member in cluster.members[1:]:
        yield _server(spec, member)
        if _replaced(spec, member):
            yield _replace(spec, member)
    for node in cluster.etcd_clients:
        yield _client(spec, node)
    for member in cluster.members:
        yield _enable(spec, member)
    enabled = [Installation.ETCD_ENABLE.on(member.node) for member in cluster.members]
    yield check_members(spec, Installation.ETCD_PRESENT, after=enabled)
    yield vendor_step(
        spec,
        Installation.ETCD_ADMIN,
        first,
        runs="admin_init",
        after=[Installation.ETCD_PRESENT.on(first)],
        users=spec.command("etcd_users"),
    )


def _generate(spec: DeploymentSpec) -> Step:
    first = spec.cluster.members[0].node
    return vendor_step(
        spec,
        Installation.ETCD_CONFIG,
        first,
        runs="config_generator",
        after=[Installation.PRODUCT.on(first)],
        servers=spec.profile.paths["etcd_servers"],
        data=spec.profile.paths["etcd_data"],
        config=spec.profile.etcd_files["config"],
        ssl=spec.profile.etcd_files["ssl"],
        archive=spec.profile.archives.etcd,
        restore=(*spec.command("unpackage_server"), "1"),
    )


def _enable(spec: DeploymentSpec, member: Member) -> Step:
    replaced = _replaced(spec, member)
    return vendor_step(
        spec,
        Installation.ETCD_ENABLE,
        member.node,
        runs="enable_etcd",
        after=[(Installation.ETCD_REPLACE if replaced else Installation.ETCD_CONFIG).on(member.node)],
        unit=spec.profile.units["etcd"],
        root=spec.profile.paths["etcd_root"],
        data=spec.profile.paths["etcd_data"],
        ensures={"unit": spec.profile.units["etcd"]},
        **({"joins": _config(spec)} if replaced else {}),
    )


def _replaced(spec: DeploymentSpec, member: Member) -> bool:
    """Return whether a member may rejoin empty; the first cannot: the keys that it generated exist nowhere else."""
    return spec.cluster.config.hosts[member.node.key].replace and member != spec.cluster.members[0]


def _replace(spec: DeploymentSpec, member: Member) -> Step:
    return vendor_step(
        spec,
        Installation.ETCD_REPLACE,
        member.node,
        runs="etcd_members",
        after=[Installation.ETCD_CONFIG.on(member.node)],
        health=spec.command("etcd_health"),
        address=member.node.ip or "",
    )


def _server(spec: DeploymentSpec, member: Member) -> FileTransfer:
    """Return the transfer of a member's configuration and keys (guide, steps 8 and 9)."""
    row, arguments = Installation.ETCD_SERVER, [str(member.ordinal)]
    return _archive(spec, row, member.node, import_="unpackage_server", arguments=arguments, result=_config(spec))


def _config(spec: DeploymentSpec) -> str:
    return f"{spec.profile.paths['etcd_servers']}/latest/{spec.profile.etcd_files['config']}"


def _client(spec: DeploymentSpec, node: Node) -> FileTransfer:
    """Return the transfer of the client's configuration to a configuration server (guide, steps 8 and 10)."""
    endpoints = f"{spec.profile.paths['etcd_client']}/{spec.profile.etcd_files['client']}"
    row = Installation.ETCD_CLIENT
    return _archive(spec, row, node, import_="unpackage_client", arguments=[], result=endpoints)


def _archive(  # noqa: PLR0913 - the fields of a transfer
    spec: DeploymentSpec, row: Row, node: Node, *, import_: str, arguments: Sequence[str], result: str
) -> FileTransfer:
    first = spec.cluster.members[0].node
    return transfer.archive(
        spec,
        row,
        source=first,
        target=node,
        file=spec.profile.archives.etcd,
        export=None,
        import_=import_,
        arguments=arguments,
        results=[result],
        after=[Installation.ETCD_CONFIG.on(first), Installation.PRODUCT.on(node)],
    )


def check_members(spec: DeploymentSpec, row: Row, *, after: Sequence[str]) -> Step:
    """Return a check that all members are present and agree on a leader (guide, step 11)."""
    members = spec.cluster.members
    return vendor_step(
        spec,
        row,
        members[0].node,
        runs="etcd_status",
        after=after,
        members=str(len(members)),
        deadline=str(spec.profile.deadline),
    )

"""Plans the steps on every host before Deephaven is configured (guide, steps 1 to 5 and 14)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from components.config.models import ExternalDatabase
from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.steps.model import AnyStep, FileCopy, Step, Value
from components.topology.cluster import Node

# Below a directory of root's that no cleanup of temporary files empties. Pulumi uploads as the ssh user, which has its
# own directory.
STAGING = PurePosixPath("/var/lib/deephaven-install/staging")
UPLOAD = PurePosixPath("/var/lib/deephaven-upload")
PACKAGES_LIMIT = 900  # seconds; a mirror may be slow
FETCH_LIMIT = 2 * PACKAGES_LIMIT
STOP_LIMIT = 180
MOUNTS_LIMIT = 180
SYSTEMD = "/run/systemd/system"  # sd_booted(3): exists when systemd is the init system


def plan_host(spec: DeploymentSpec, node: Node, *, digest: str) -> Iterator[AnyStep]:
    """Yield the steps of a host before the product: host, packages, monit, a patch's stop, mounts, accounts, RPM.

    `digest` is the SHA-256 of the RPM that is a file of the project.
    """
    yield host(spec, node)
    yield from packages(spec, node)
    yield stop(spec, node, digest)
    yield from host_prerequisites(spec, node)
    after = (Installation.HOST.on(node),)
    rpm = spec.cluster.config.release.rpm
    if rpm.file:
        target = str(UPLOAD / PurePosixPath(rpm.file).name)
        yield FileCopy(row=Installation.RPM_FILE, node=node, source=rpm.file, target=target, after=after)
    if rpm.url:
        yield Step(
            row=Installation.RPM_URL,
            node=node,
            after=after,
            limit=FETCH_LIMIT,
            inputs={
                "url": rpm.url,
                "staging": str(STAGING),
                "sha256": rpm.sha256 or "",
                "package": spec.product_package,
                "release": spec.product_release,
            },
        )


def host(spec: DeploymentSpec, node: Node) -> Step:
    """Return the step that represents the host: its other steps are deleted with it, and only it has a delete."""
    cluster, units, declared = spec.cluster, spec.profile.units, spec.cluster.config.hosts[node.key]
    managed = (units["monit"], units["acl_database"], units["etcd"])
    return Step(
        row=Installation.HOST,
        node=node,
        after=(),
        limit=300,
        inputs={
            "units": managed,
            "accounts": tuple(spec.profile.accounts.names),
            "systemd": SYSTEMD,
            "upload": str(UPLOAD),
            "manifest": "yes" if node in cluster.config_servers else "",
        },
        ensures={} if declared.lost else {"upload": str(UPLOAD)},
        protected=cluster.protects and bool(cluster.state_of(node)) and not (declared.retire or declared.lost),
        lost=declared.lost,
    )


def packages(spec: DeploymentSpec, node: Node) -> Iterator[Step]:
    """Yield the distribution's packages, then monit with a password of this cluster."""
    profile = spec.profile
    yield Step(
        row=Installation.PACKAGES,
        node=node,
        after=(Installation.HOST.on(node),),
        limit=PACKAGES_LIMIT,
        inputs={
            "packages": required_packages(spec, node),
            "install": tuple(spec.system(node).install),
            "java": profile.product.java,
        },
        ensures={"packages": required_packages(spec, node)},
    )
    yield Step(
        row=Installation.MONIT,
        node=node,
        after=(Installation.PACKAGES.on(node),),
        limit=90,
        inputs={
            "unit": profile.units["monit"],
            "control": profile.monit.control,
            "include": profile.monit.include,
            "port": str(profile.monit.port),
            "generation": spec.generation,
        },
        secrets={"password": f"{node.key}-monit-password"},
        ensures={"unit": profile.units["monit"]},
    )


def stop(spec: DeploymentSpec, node: Node, digest: str) -> Step:
    """Return the stop of a patch: the first configuration server stops last, and no RPM is installed before that.

    The RPM is uploaded earlier, since that takes time and it may be the wrong file.
    """
    others = [Installation.STOP.on(other) for other in spec.cluster.non_primary] if node == spec.cluster.primary else []
    uploaded = [] if spec.cluster.config.release.rpm.package else [Installation.RPM_FILE.on(node)]
    return Step(
        row=Installation.STOP,
        node=node,
        after=(Installation.MONIT.on(node), *uploaded, *others),
        limit=STOP_LIMIT,
        inputs=_declared(spec, digest),
        ensures=build_invariant(spec),
    )


def host_prerequisites(spec: DeploymentSpec, node: Node) -> Iterator[Step]:
    """Yield the mounts and accounts of the stack, which the product's files need."""
    mounts = spec.cluster.mounts_of(node.key)
    if mounts:
        yield Step(
            row=Installation.MOUNTS,
            node=node,
            after=(Installation.PACKAGES.on(node),),
            limit=MOUNTS_LIMIT,
            inputs={
                "sources": tuple(mount.source for mount in mounts),
                "paths": tuple(mount.path for mount in mounts),
                "types": tuple(mount.type for mount in mounts),
                "options": tuple(mount.options for mount in mounts),
            },
            ensures={"mounts": tuple(mount.path for mount in mounts)},
        )
    accounts = spec.accounts
    if accounts:
        yield Step(
            row=Installation.ACCOUNTS,
            node=node,
            after=(Installation.HOST.on(node),),
            limit=60,
            inputs={
                "names": tuple(accounts),
                "uids": tuple(str(ids.uid) for ids in accounts.values()),
                "gids": tuple(str(ids.gid) for ids in accounts.values()),
                "home": spec.profile.accounts.home,
                "shell": spec.profile.accounts.shell,
            },
            ensures={"accounts": tuple(accounts)},
        )


def plan_product(spec: DeploymentSpec, node: Node, *, digest: str) -> Iterator[Step]:
    """Yield the product's installation, once services are stopped everywhere, and the connector's jar.

    `digest` is the SHA-256 of the RPM that is a file of the project.
    """
    yield _product(spec, node, digest)
    yield Step(
        row=Installation.CONNECTOR,
        node=node,
        after=(Installation.PRODUCT.on(node),),
        limit=60,
        inputs={
            "connector": tuple(spec.profile.connector),
            "java_lib": spec.profile.paths["java_lib"],
            "release": spec.product_release,
        },
        ensures=build_invariant(spec),
    )


def _product(spec: DeploymentSpec, node: Node, digest: str) -> Step:
    system, stopped = spec.system(node), Installation.STOP.on(spec.cluster.primary)
    if spec.cluster.config.release.rpm.package:
        install, downgrade = system.install, system.downgrade
    else:
        install, downgrade = system.install_file, system.downgrade_file
    return Step(
        row=Installation.PRODUCT,
        node=node,
        after=(stopped, *(step.resource_name for step in host_prerequisites(spec, node))),
        limit=PACKAGES_LIMIT,
        inputs={**_declared(spec, digest), "install": tuple(install), "downgrade": tuple(downgrade)},
        ensures=build_invariant(spec),
    )


def _declared(spec: DeploymentSpec, digest: str) -> dict[str, Value]:
    """Return the declared build, and where its RPM is; the latter is empty if a repository provides it."""
    rpm = spec.cluster.config.release.rpm
    return {
        "package": spec.product_package,
        "release": spec.product_release,
        "staging": "" if rpm.package else str(STAGING),
        "upload": "" if rpm.package else str(UPLOAD),
        "sha256": "" if rpm.package else rpm.sha256 or digest,
    }


def build_invariant(spec: DeploymentSpec) -> dict[str, Value]:
    """Return the invariant of all steps that a change of the build runs again."""
    return {"build": spec.product_release}


def required_packages(spec: DeploymentSpec, node: Node) -> tuple[str, ...]:
    """Return the distribution's packages for a host's roles (guide, steps 1 to 4)."""
    cluster, table = spec.cluster, spec.system(node).packages
    roles = {
        "every": True,
        "etcd": any(member.node == node for member in cluster.members),
        "acl_database": cluster.acl_database == node,
        "acl_client": isinstance(cluster.acl_database, ExternalDatabase) and cluster.primary == node,
        "cus": cluster.cus == node,
    }
    kinds = [mount.type for mount in cluster.mounts_of(node.key)]
    mounting = [package for kind in kinds for package in table.get(kind, ())]
    needed = [package for role, has in roles.items() if has for package in table[role]]
    return tuple(dict.fromkeys([*needed, *mounting]))

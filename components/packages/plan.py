"""What is done on every host before Deephaven is configured (guide, steps 1 to 5 and 14)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from components.config.models import ExternalDatabase
from components.release.spec import Site
from components.steps.plan import ANCHOR, Action, Copy, Task, Value, name
from components.topology.cluster import Node

# Below a directory of root's that nothing ages out. The ssh user, as whom the engine copies, has a place of its own.
STAGING = PurePosixPath("/var/lib/deephaven-install/staging")
UPLOAD = PurePosixPath("/var/lib/deephaven-upload")
PACKAGES_LIMIT = 900  # seconds; a slow mirror
FETCH_LIMIT = 2 * PACKAGES_LIMIT
STOP_LIMIT = 180
MOUNTS_LIMIT = 180
SYSTEMD = "/run/systemd/system"  # sd_booted(3): there when systemd is the init system


def plan_host(site: Site, node: Node, *, digest: str) -> Iterator[Task]:
    """Yield what one host needs before the product: anchor, packages, monit, a patch's stop, mounts, accounts, RPM.

    `digest` is the SHA-256 of the RPM that is a file of the project.
    """
    yield anchor(site, node)
    yield from packages(site, node)
    yield stop(site, node, digest)
    yield from ground(site, node)
    after = (name(node, "anchor"),)
    rpm = site.cluster.config.release.rpm
    if rpm.file:
        target = str(UPLOAD / PurePosixPath(rpm.file).name)
        yield Copy(node=node, step="rpm", source=rpm.file, target=target, after=after)
    if rpm.url:
        yield Action(
            node=node,
            step="rpm",
            script="packages/scripts/fetch-product.sh",
            after=after,
            limit=FETCH_LIMIT,
            inputs={
                "url": rpm.url,
                "staging": str(STAGING),
                "sha256": rpm.sha256 or "",
                "package": site.product_package,
                "release": site.product_release,
            },
        )


def anchor(site: Site, node: Node) -> Action:
    """Return the host's anchor, the one step that has a delete."""
    cluster, units, declared = site.cluster, site.profile.units, site.cluster.config.hosts[node.key]
    ended = (units["monit"], units["acl_database"], units["etcd"])
    return Action(
        node=node,
        step=ANCHOR,
        script="packages/scripts/anchor.sh",
        after=(),
        limit=300,
        inputs={
            "units": ended,
            "systemd": SYSTEMD,
            "upload": str(UPLOAD),
            "recorded": "yes" if node in cluster.config_servers else "",
        },
        keeps={} if declared.lost else {"upload": str(UPLOAD)},
        protected=cluster.protects and bool(cluster.state_of(node)) and not (declared.retire or declared.lost),
        lost=declared.lost,
    )


def packages(site: Site, node: Node) -> Iterator[Action]:
    """Yield the distribution's packages, then monit with a password of this cluster."""
    profile = site.profile
    yield Action(
        node=node,
        step="packages",
        script="packages/scripts/install-packages.sh",
        after=(name(node, "anchor"),),
        limit=PACKAGES_LIMIT,
        inputs={
            "packages": wanted(site, node),
            "install": tuple(site.system(node).install),
            "java": profile.product.java,
        },
        keeps={"packages": wanted(site, node)},
    )
    yield Action(
        node=node,
        step="monit",
        script="packages/scripts/configure-monit.sh",
        after=(name(node, "packages"),),
        limit=90,
        inputs={
            "unit": profile.units["monit"],
            "control": profile.monit.control,
            "include": profile.monit.include,
            "port": str(profile.monit.port),
        },
        secrets={"password": f"{node.key}-monit-password"},
        keeps={"unit": profile.units["monit"]},
    )


def stop(site: Site, node: Node, digest: str) -> Action:
    """Return the stop of a patch: the first configuration server's comes last, and no RPM is changed before it.

    The RPM is there before: it takes its time, and may be the wrong one.
    """
    others = [name(other, "stop") for other in site.cluster.others] if node == site.cluster.primary else []
    brought = [] if site.cluster.config.release.rpm.package else [name(node, "rpm")]
    return Action(
        node=node,
        step="stop",
        script="packages/scripts/stop-services.sh",
        after=(name(node, "monit"), *brought, *others),
        limit=STOP_LIMIT,
        inputs=_declared(site, digest),
        keeps=build(site),
    )


def ground(site: Site, node: Node) -> Iterator[Action]:
    """Yield what the product's files will lie on and belong to, as far as the stack says it: mounts and accounts."""
    mounts = site.cluster.mounts_of(node.key)
    if mounts:
        yield Action(
            node=node,
            step="mounts",
            script="packages/scripts/mount-storage.sh",
            after=(name(node, "packages"),),
            limit=MOUNTS_LIMIT,
            inputs={
                "sources": tuple(mount.source for mount in mounts),
                "paths": tuple(mount.path for mount in mounts),
                "types": tuple(mount.type for mount in mounts),
                "options": tuple(mount.options for mount in mounts),
            },
            keeps={"mounts": tuple(mount.path for mount in mounts)},
        )
    accounts = site.accounts
    if accounts:
        yield Action(
            node=node,
            step="accounts",
            script="packages/scripts/create-accounts.sh",
            after=(name(node, "anchor"),),
            limit=60,
            inputs={
                "names": tuple(accounts),
                "uids": tuple(str(ids.uid) for ids in accounts.values()),
                "gids": tuple(str(ids.gid) for ids in accounts.values()),
                "home": site.profile.accounts.home,
                "shell": site.profile.accounts.shell,
            },
            keeps={"accounts": tuple(accounts)},
        )


def plan_product(site: Site, node: Node, *, digest: str) -> Iterator[Action]:
    """Yield the product's installation, once services are stopped everywhere, and the connector's jar.

    `digest` is the SHA-256 of the RPM that is a file of the project.
    """
    yield _product(site, node, digest)
    yield Action(
        node=node,
        step="connector",
        script="packages/scripts/copy-connector.sh",
        after=(name(node, "product"),),
        limit=60,
        inputs={
            "connector": tuple(site.profile.connector),
            "java_lib": site.profile.paths["java_lib"],
            "release": site.product_release,
        },
        keeps=build(site),
    )


def _product(site: Site, node: Node, digest: str) -> Action:
    system, stopped = site.system(node), name(site.cluster.primary, "stop")
    if site.cluster.config.release.rpm.package:
        install, downgrade = system.install, system.downgrade
    else:
        install, downgrade = system.install_file, system.downgrade_file
    return Action(
        node=node,
        step="product",
        script="packages/scripts/install-product.sh",
        after=(stopped, *(action.name for action in ground(site, node))),
        limit=PACKAGES_LIMIT,
        inputs={**_declared(site, digest), "install": tuple(install), "downgrade": tuple(downgrade)},
        keeps=build(site),
    )


def _declared(site: Site, digest: str) -> dict[str, Value]:
    """Return which build is declared, and where its RPM lies; both empty when a repository has it."""
    rpm = site.cluster.config.release.rpm
    return {
        "package": site.product_package,
        "release": site.product_release,
        "staging": "" if rpm.package else str(STAGING),
        "upload": "" if rpm.package else str(UPLOAD),
        "sha256": "" if rpm.package else rpm.sha256 or digest,
    }


def build(site: Site) -> dict[str, Value]:
    """Return what is kept by all that another build of the product undoes."""
    return {"build": site.product_release}


def wanted(site: Site, node: Node) -> tuple[str, ...]:
    """Return the distribution's packages for what a host is for (guide, steps 1 to 4)."""
    cluster, table = site.cluster, site.system(node).packages
    duties = {
        "every": True,
        "etcd": any(member.node == node for member in cluster.members),
        "acl_database": cluster.acl_database == node,
        "acl_client": isinstance(cluster.acl_database, ExternalDatabase) and cluster.primary == node,
        "cus": cluster.cus == node,
    }
    kinds = [mount.type for mount in cluster.mounts_of(node.key)]
    mounting = [package for kind in kinds for package in table.get(kind, ())]
    needed = [package for duty, has in duties.items() if has for package in table[duty]]
    return tuple(dict.fromkeys([*needed, *mounting]))

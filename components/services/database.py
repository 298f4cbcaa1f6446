"""How the ACL database comes to be, on a host of the cluster or on a server outside (guide, step 17)."""

from collections.abc import Iterator

from components.config.models import ExternalDatabase
from components.release.spec import Site
from components.steps import transfer
from components.steps.plan import Action, Relay, Task, name
from components.steps.vendor import vendor_step

ADMIN_PASSWORD = "acl-admin-password"  # noqa: S105 - the names of secrets, not secrets
ACCOUNT_PASSWORD = "acl-account-password"  # noqa: S105


def plan_acl_database(site: Site, *, after: str) -> Iterator[Task]:
    """Yield the ACL database (guide, step 17); `after` is what must be configured before."""
    database, primary = site.cluster.acl_database, site.cluster.primary
    if isinstance(database, ExternalDatabase):
        yield _external(site, database, after)
        return
    yield Action(
        node=database,
        step="database",
        script="services/scripts/start-database.sh",
        after=(name(database, "packages"),),
        limit=180,
        inputs={"unit": site.profile.units["acl_database"], "data": site.profile.paths["acl_database_data"]},
        keeps={"unit": site.profile.units["acl_database"]},
    )
    yield vendor_step(
        site,
        database,
        "acl-database",
        "services/scripts/init-acl-database.sh",
        runs="dbacl_init",
        after=[name(database, "database"), name(database, "connector"), after],
        exists=site.command("dbacl_exists"),
    )
    if database != primary:
        # The services of all hosts log in with it, and the host with the keys is where their archive is packed.
        file, ready = site.profile.paths["acl_password"], [name(database, "acl-database"), name(primary, "keygen")]
        yield transfer.plain(
            "acl-password",
            source=database,
            target=primary,
            file=file,
            owners=site.file_owners,
            mode="0400",
            after=ready,
        )


def database_ready(site: Site) -> str:
    """Return the task after which the ACL database and the way to log in to it are there."""
    database, primary = site.cluster.acl_database, site.cluster.primary
    return name(
        primary, "acl-database" if isinstance(database, ExternalDatabase) or database == primary else "acl-password"
    )


def outside(site: Site) -> bool:
    """Say whether the ACL database is on a server outside of the cluster."""
    return isinstance(site.cluster.acl_database, ExternalDatabase)


def plan_password(site: Site) -> Iterator[Relay]:
    """Yield the way of a password made anew, for an outside database, to all who log in with it; all have the first."""
    primary, users = site.cluster.primary, set(site.profile.learn.passwords)
    for node in site.cluster.others:
        if outside(site) and users & set(site.services_of(node)):
            yield transfer.plain(
                "acl-password",
                source=primary,
                target=node,
                file=site.profile.paths["acl_password"],
                owners=site.file_owners,
                mode="0400",
                after=[name(primary, "acl-database"), name(node, transfer.AUTH)],
                generation=str(site.cluster.config.passwords.generation),
            )


def _external(site: Site, database: ExternalDatabase, after: str) -> Action:
    """Return the guide's two SQL files for a server outside, and the account of the services there."""
    acl = site.profile.acl
    return Action(
        node=site.cluster.primary,
        step="acl-database",
        script="services/scripts/init-external-database.sh",
        after=(after, name(site.cluster.primary, "connector")),
        limit=site.profile.limit("dbacl_client"),
        inputs={
            "client": site.command("dbacl_client"),
            "user": database.user,
            "sql": tuple(acl.sql),
            "package": site.product_package,
            "database": acl.database,
            "account": acl.account,
            "owner": acl.owner,
            "file": site.profile.paths["acl_password"],
        },
        secrets={"password": ADMIN_PASSWORD, "account_password": ACCOUNT_PASSWORD},
    )

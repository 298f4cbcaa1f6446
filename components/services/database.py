"""Plans the ACL database, on a host of the cluster or on an external server (guide, step 17)."""

from collections.abc import Iterator

from components.config.models import ExternalDatabase
from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.steps import transfer
from components.steps.model import AnyStep, FileTransfer, Step
from components.steps.vendor import vendor_step

ADMIN_PASSWORD = "acl-admin-password"  # noqa: S105 - the names of secrets, not secrets
ACCOUNT_PASSWORD = "acl-account-password"  # noqa: S105


def plan_acl_database(spec: DeploymentSpec) -> Iterator[AnyStep]:
    """Yield the ACL database, and the transfer of its password to the host of the keys."""
    database, primary = spec.cluster.acl_database, spec.cluster.primary
    if isinstance(database, ExternalDatabase):
        yield _external(spec, database)
        return
    yield Step(
        row=Installation.DATABASE,
        node=database,
        after=(Installation.PACKAGES.on(database),),
        limit=180,
        inputs={"unit": spec.profile.units["acl_database"], "data": spec.profile.paths["acl_database_data"]},
        ensures={"unit": spec.profile.units["acl_database"]},
    )
    yield vendor_step(
        spec,
        Installation.ACL_DATABASE,
        database,
        runs="dbacl_init",
        after=[
            Installation.DATABASE.on(database),
            Installation.CONNECTOR.on(database),
            Installation.ENDPOINTS.on(primary),
        ],
        exists=spec.command("dbacl_exists"),
    )
    if database != primary:
        # The services of all hosts log in with it, and their archive is packed on the host of the keys.
        yield transfer.plain(
            Installation.ACL_PASSWORD,
            source=database,
            target=primary,
            file=spec.profile.paths["acl_password"],
            owners=spec.file_owners,
            mode="0400",
            after=[Installation.ACL_DATABASE.on(database), Installation.KEYGEN.on(primary)],
        )


def database_ready(spec: DeploymentSpec) -> str:
    """Return the resource after which the ACL database, and the password on the host of the keys, are in place."""
    database, primary = spec.cluster.acl_database, spec.cluster.primary
    same = isinstance(database, ExternalDatabase) or database == primary
    return (Installation.ACL_DATABASE if same else Installation.ACL_PASSWORD).on(primary)


def is_external(spec: DeploymentSpec) -> bool:
    """Return whether the ACL database is on a server that is not a host of the cluster."""
    return isinstance(spec.cluster.acl_database, ExternalDatabase)


def plan_password(spec: DeploymentSpec) -> Iterator[FileTransfer]:
    """Yield the transfers of an external database's rotated password to its readers; step 21 copies the first one."""
    primary, users = spec.cluster.primary, set(spec.profile.restart_on_change.passwords)
    for node in spec.cluster.non_primary:
        if is_external(spec) and users & set(spec.services_of(node)):
            yield transfer.plain(
                Installation.ACL_READER,
                source=primary,
                target=node,
                file=spec.profile.paths["acl_password"],
                owners=spec.file_owners,
                mode="0400",
                after=[Installation.ACL_DATABASE.on(primary), Installation.AUTH.on(node)],
                generation=spec.generation,
            )


def _external(spec: DeploymentSpec, database: ExternalDatabase) -> Step:
    """Return the step that runs the guide's two SQL files on an external server and creates the services' account."""
    acl, primary = spec.profile.acl, spec.cluster.primary
    return Step(
        row=Installation.ACL_EXTERNAL,
        node=primary,
        after=(Installation.ENDPOINTS.on(primary), Installation.CONNECTOR.on(primary)),
        limit=spec.profile.limit("dbacl_client"),
        inputs={
            "client": spec.command("dbacl_client"),
            "user": database.user,
            "sql": tuple(acl.sql),
            "package": spec.product_package,
            "database": acl.database,
            "account": acl.account,
            "owner": acl.owner,
            "file": spec.profile.paths["acl_password"],
            "generation": spec.generation,
        },
        secrets={"password": ADMIN_PASSWORD, "account_password": ACCOUNT_PASSWORD},
    )

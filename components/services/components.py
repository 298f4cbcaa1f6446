"""The components of running services."""

from components.steps.phase import Area


class AclDatabase(Area):
    """The database of accounts and permissions (guide, step 17)."""

    kind = "roles:AclDatabase"


class MonitRoles(Area):
    """Monit's roles on every host and the gates that start services in the guide's order (guide, step 22)."""

    kind = "roles:MonitRoles"


class Verification(Area):
    """The check of the running cluster, example data, and the cluster record (guide, Verify the Installation)."""

    kind = "roles:Verification"

"""The components of running services."""

from components.steps.phase import PhaseComponent


class AclDatabase(PhaseComponent):
    """The database of accounts and permissions (guide, step 17)."""

    kind = "services:AclDatabase"


class MonitRoles(PhaseComponent):
    """Monit's roles on every host and the gates that start services in the guide's order (guide, step 22)."""

    kind = "services:MonitRoles"


class Verification(PhaseComponent):
    """The check of the running cluster, example data, and the cluster record (guide, Verify the Installation)."""

    kind = "services:Verification"

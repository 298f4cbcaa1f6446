"""The installation, step by step: the guide's steps 1 to 22, and what this program adds, on one screen. Pure.

Planners take a step's name, script and phase from here, and define what it waits for.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from components.topology.cluster import Node


class Phase(StrEnum):
    """The phases in order; each is a component, and the value is that component's name."""

    HOSTS = "hosts"
    PRODUCT = "product"
    CERTIFICATE = "certificate"
    ETCD = "etcd"
    CONFIG_SERVER = "config-server"
    ACL_DATABASE = "acl-database"
    DISTRIBUTION = "distribution"
    SERVICES = "services"
    VERIFICATION = "verification"


@dataclass(frozen=True)
class Row:
    """One row: the step's name, the guide's step or chapter, where it runs, its phase, and its script.

    `script` is relative to `components/`; the engine itself copies the RPM, which has none.
    """

    step: str
    guide: str
    where: str
    phase: Phase
    script: str = ""

    def on(self, node: Node) -> str:
        """Return the resource name of this step on a host: from the stable host key, never from a position."""
        return f"{node.key}-{self.step}"


class Installation(Row, Enum):
    """Every step in the guide's order. One name may have several rows, for different hosts or sources."""

    # fmt: off
    HOST = "host", "-", "every host", Phase.HOSTS, "packages/scripts/prepare-host.sh"
    PACKAGES = "packages", "1-4", "every host", Phase.HOSTS, "packages/scripts/install-packages.sh"
    MONIT = "monit", "3", "every host", Phase.HOSTS, "packages/scripts/configure-monit.sh"
    STOP = "stop", "Patch 1", "every host", Phase.HOSTS, "packages/scripts/stop-services.sh"
    MOUNTS = "mounts", "Hardware", "every host", Phase.HOSTS, "packages/scripts/mount-storage.sh"
    ACCOUNTS = "accounts", "-", "every host", Phase.HOSTS, "packages/scripts/create-accounts.sh"
    RPM_FILE = "rpm", "5", "every host", Phase.HOSTS
    RPM_URL = "rpm", "5", "every host", Phase.HOSTS, "packages/scripts/fetch-product.sh"
    PRODUCT = "product", "5", "every host", Phase.PRODUCT, "packages/scripts/install-product.sh"
    CONNECTOR = "connector", "2, 14", "every host", Phase.PRODUCT, "packages/scripts/copy-connector.sh"
    CERTIFICATE = "certificate", "6", "its users", Phase.CERTIFICATE, "tls/scripts/install-certificate.sh"
    ETCD_CONFIG = "etcd-config", "7", "first member", Phase.ETCD, "etcd/scripts/generate-config.sh"
    ETCD_SERVER = "etcd-config", "8, 9", "other members", Phase.ETCD, "steps/scripts/import-archive.sh"
    ETCD_CLIENT = "etcd-config", "8, 10", "other config servers", Phase.ETCD, "steps/scripts/import-archive.sh"
    ETCD_REPLACE = "etcd-replace", "-", "a replaced member", Phase.ETCD, "etcd/scripts/replace-member.sh"
    ETCD_ENABLE = "etcd-enable", "11", "every member", Phase.ETCD, "etcd/scripts/enable-etcd.sh"
    ETCD_PRESENT = "etcd-present", "11", "first member", Phase.ETCD, "etcd/scripts/check-members.sh"
    ETCD_ADMIN = "etcd-admin", "12", "first member", Phase.ETCD, "etcd/scripts/init-admin.sh"
    KEYGEN = "keygen", "13", "first config server", Phase.CONFIG_SERVER, "config_server/scripts/generate-keys.sh"
    CONFIG_SERVER = "config-server", "15", "first config server", Phase.CONFIG_SERVER, "config_server/scripts/init-config-server.sh"
    ENDPOINTS = "endpoints", "16", "first config server", Phase.CONFIG_SERVER, "config_server/scripts/set-endpoints.sh"
    DATABASE = "database", "3", "database host", Phase.ACL_DATABASE, "services/scripts/start-database.sh"
    ACL_DATABASE = "acl-database", "17", "database host", Phase.ACL_DATABASE, "services/scripts/init-acl-database.sh"
    ACL_EXTERNAL = "acl-database", "17", "first config server", Phase.ACL_DATABASE, "services/scripts/init-external-database.sh"
    ACL_PASSWORD = "acl-password", "17", "first config server", Phase.ACL_DATABASE, "steps/scripts/place-file.sh"
    CUS = "cus", "18", "its host", Phase.CONFIG_SERVER, "config_server/scripts/run-once.sh"
    CUS_ELSEWHERE = "cus", "18", "its own host", Phase.DISTRIBUTION, "config_server/scripts/run-once.sh"
    ROUTING = "routing", "19", "first DIS host", Phase.CONFIG_SERVER, "config_server/scripts/run-once.sh"
    ROUTING_OWN = "routing", "19", "first config server", Phase.CONFIG_SERVER, "config_server/scripts/place-routing.sh"
    ROUTING_FILE = "routing-file", "19", "first config server", Phase.CONFIG_SERVER, "steps/scripts/place-file.sh"
    CONFIG_IMPORT = "config-import", "20", "first config server", Phase.DISTRIBUTION, "config_server/scripts/run-once.sh"
    AUTH_PACKAGE = "auth-package", "21", "first config server", Phase.DISTRIBUTION, "config_server/scripts/package-keys.sh"
    AUTH = "auth", "21", "all other hosts", Phase.DISTRIBUTION, "steps/scripts/import-archive.sh"
    ACL_READER = "acl-password", "-", "its readers", Phase.SERVICES, "steps/scripts/place-file.sh"
    ROLES = "roles", "22", "every host with roles", Phase.SERVICES, "services/scripts/init-roles.sh"
    IMPORT_CHANGES = "import-changes", "Adding 6-7", "first config server", Phase.SERVICES, "config_server/scripts/import-changes.sh"
    START_CONFIG = "start-config-server", "Patch 3", "config servers", Phase.SERVICES, "services/scripts/start-services.sh"
    START_AUTH = "start-auth-server", "Patch 4", "auth servers", Phase.SERVICES, "services/scripts/start-services.sh"
    START = "start", "Patch 5-6", "query hosts, others, infra", Phase.SERVICES, "services/scripts/start-services.sh"
    QUERY_STARTED = "query-started", "Patch 5", "first config server", Phase.SERVICES, "services/scripts/start-services.sh"
    ETCD_OK = "etcd-ok", "Verify", "first member", Phase.VERIFICATION, "etcd/scripts/check-members.sh"
    SERVICES_OK = "services-ok", "Verify", "every host with roles", Phase.VERIFICATION, "services/scripts/check-services.sh"
    RESTART = "restart", "Adding 10", "hosts with readers", Phase.VERIFICATION, "services/scripts/restart-on-change.sh"
    RELOAD = "reload", "Adding 11", "controller", Phase.VERIFICATION, "services/scripts/reload-controller.sh"
    RENEWED = "certificate-renewed", "-", "its users", Phase.VERIFICATION, "services/scripts/renew-certificate.sh"
    VERIFY = "verify", "Verify", "first config server", Phase.VERIFICATION, "services/scripts/verify-cluster.sh"
    EXAMPLE_DATA = "example-data", "Example", "one host", Phase.VERIFICATION, "config_server/scripts/run-once.sh"
    MANIFEST = "manifest", "-", "config servers", Phase.VERIFICATION, "services/scripts/write-manifest.sh"
    # fmt: on

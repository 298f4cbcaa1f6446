"""Plans a cluster: all steps of the installation on all hosts, in order. Pure: no Pulumi, no connection."""

from collections.abc import Iterator
from pathlib import Path

from components.config.models import ClusterConfig
from components.config_server.plan import plan_config_server, plan_distribution
from components.config_server.routing import load_routing
from components.etcd.plan import check_members, plan_etcd
from components.installation import Installation
from components.packages.plan import plan_host, plan_product
from components.release.profile import load_profile
from components.release.spec import DeploymentSpec
from components.services.database import database_ready, plan_acl_database
from components.services.plan import plan_services, plan_verification
from components.steps.model import AnyStep, Plan, without
from components.tls.plan import plan_certificate
from components.topology.cluster import Cluster


def resolve(config: ClusterConfig, *, project: Path) -> DeploymentSpec:
    """Return a checked configuration with its release profile and routing; files are relative to `project`.

    Raises ProfileError, and ConfigurationError for the routing document.
    """
    cluster = Cluster(config)
    profile = load_profile(config.release.version, config.release.overrides)
    return DeploymentSpec(cluster, profile, load_routing(cluster, project=project))


def plan(spec: DeploymentSpec, *, digest: str) -> Plan:
    """Return the plan of a cluster; `digest` is the SHA-256 of an RPM that is a file of the project.

    Steps on lost hosts are left out, except the one that represents the host. Raises ProfileError when an
    argument list of the profile cannot be filled in, ValueError if the steps are inconsistent.
    """
    steps = list(_steps(spec, digest))
    lost = spec.cluster.lost
    return Plan(without(steps, lost, but=Installation.HOST) if lost else steps)


def _steps(spec: DeploymentSpec, digest: str) -> Iterator[AnyStep]:
    nodes = spec.cluster.nodes.values()
    configured = [Installation.CONFIG_IMPORT.on(spec.cluster.primary), database_ready(spec)]
    for node in nodes:
        yield from plan_host(spec, node, digest=digest)
    for node in nodes:
        yield from plan_product(spec, node, digest=digest)
    yield from plan_certificate(spec)
    yield from plan_etcd(spec)
    yield from plan_config_server(spec, database=database_ready(spec))
    yield from plan_acl_database(spec)
    yield from plan_distribution(spec, after=configured)
    yield from plan_services(spec)
    yield check_members(spec, Installation.ETCD_OK, after=configured)
    yield from plan_verification(spec)

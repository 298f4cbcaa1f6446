"""The root component: a cluster's plan as resources, area by area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_random as random

from components.config.models import ExternalDatabase
from components.config_server.server import ConfigServer, Distribution
from components.etcd.cluster import EtcdCluster
from components.host_text import fingerprints
from components.packages.components import Hosts, Product
from components.policy_view import outline
from components.release.spec import Site
from components.services.components import AclDatabase, MonitRoles, Verification
from components.services.database import ACCOUNT_PASSWORD, ADMIN_PASSWORD
from components.services.renewal import RENEWED
from components.steps.connection import Endpoint
from components.steps.hints import hook
from components.steps.phase import Area, Registry
from components.steps.plan import Task
from components.steps.reason import Reason
from components.tls.certificate import Material, WebCertificate, material
from components.tls.plan import CRT, KEY, Pair, Request

# The keys are those of `components.installation.parts`.
AREAS: Mapping[str, type[Area]] = {
    "hosts": Hosts,
    "product": Product,
    "certificate": WebCertificate,
    "etcd": EtcdCluster,
    "config-server": ConfigServer,
    "acl-database": AclDatabase,
    "distribution": Distribution,
    "roles": MonitRoles,
    "verification": Verification,
}
PASSWORD_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class DeploymentArgs:
    """What a deployment is made of: the site, each area's tasks in order, the hosts' endpoints by key.

    `certificate` is a checked one, what a private CA is asked for, or None for the vendor's own. `reasons` say why a
    step must run again, by the names of tasks; nothing else of live facts becomes a property of a resource, or the
    second update would not be empty.
    """

    site: Site
    areas: Mapping[str, Sequence[Task]]
    endpoints: Mapping[str, Endpoint]
    certificate: Pair | Request | None
    reasons: Mapping[str, Reason] = field(default_factory=dict)


class Deployment(pulumi.ComponentResource):
    """One Deephaven cluster."""

    def __init__(self, name: str, args: DeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # an input, so that a policy sees it before anything else is registered, and an output for policies of stacks
        topology = {"topology": outline(args.site, args.areas, args.certificate)}
        super().__init__("deephaven:index:Deployment", name, topology, opts)
        nodes = args.site.cluster.nodes
        web = material(args.site.cluster, args.certificate, parent=self) if args.certificate else None
        registry = Registry(
            endpoints=args.endpoints,
            secrets={**self._secrets(args.site), **({CRT: web.crt, KEY: web.key} if web else {})},
            reasons=args.reasons,
            hooks={
                key: hook(node.label, args.endpoints[key], lost=key in args.site.cluster.lost)
                for key, node in nodes.items()
            },
        )
        for area, tasks in args.areas.items():
            if tasks:
                opts = pulumi.ResourceOptions(parent=self)
                AREAS[area](area, tasks=tasks, registry=registry, opts=opts)
        self.summary = summary(args.site, registry, web)
        self.register_outputs({**self.summary, **topology})

    def _secrets(self, site: Site) -> dict[str, pulumi.Output[str]]:
        """Make the passwords of what this program itself creates, and add those that the stack gives."""
        made = [f"{key}-monit-password" for key in site.cluster.alive]
        given: dict[str, pulumi.Output[str]] = {}
        database = site.cluster.acl_database
        if isinstance(database, ExternalDatabase):
            made.append(ACCOUNT_PASSWORD)
            given[ADMIN_PASSWORD] = pulumi.Output.secret(database.password.get_secret_value())
        opts = pulumi.ResourceOptions(parent=self)
        generation = site.cluster.config.passwords.generation
        keepers = {"generation": str(generation)} if generation > 1 else None  # the first ones were made without any
        passwords = {
            name: random.RandomPassword(name, length=PASSWORD_LENGTH, special=False, keepers=keepers, opts=opts).result
            for name in made
        }
        return {**passwords, **given}


def summary(site: Site, registry: Registry, certificate: Material | None) -> dict[str, pulumi.Input[object]]:
    """Return the stack's outputs: where the cluster is, what runs where, and its certificates; no secrets."""
    authority = {"ca_certificate": certificate.authority} if certificate and certificate.authority else {}
    cluster, web = site.cluster, site.profile.web
    # What was verified, and of a web certificate that was renewed since then what is served now.
    told = [
        registry.steps.get(f"{key}-{step}")
        for key, step in ((cluster.primary.key, "verify"), (cluster.web_api.key, RENEWED))
    ]
    said = [pulumi.Output.unsecret(step.stdout) for step in told if step]
    return {
        "url": f"https://{cluster.web_api.fqdn}:{web.port}{web.path}",
        "release": cluster.full_version,
        "hosts": {
            key: {"fqdn": node.fqdn, "roles": list(node.roles), "services": list(site.services_of(node))}
            for key, node in cluster.alive.items()
        },
        "certificates": pulumi.Output.all(*said).apply(lambda texts: fingerprints("\n".join(texts))),
        **authority,
    }

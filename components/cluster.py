"""The root component: a Deephaven cluster, prepared before anything is registered, then registered phase by phase."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pulumi
import pulumi_random as random

from components.config.loader import ROOT, load_config, warnings
from components.config.models import ExternalDatabase
from components.config.project_file import ProjectFile
from components.config.stack_hosts import is_reference, resolve_hosts
from components.config_server.server import ConfigServer, Distribution
from components.drift import find_drift, installed_hosts
from components.errors import DeploymentError, SafetyError
from components.etcd.cluster import EtcdCluster
from components.facts.gather import gather_facts
from components.host_text import fingerprints
from components.installation import Installation, Phase
from components.packages.components import Hosts, Product
from components.plan import plan, resolve
from components.policy_view import policy_view
from components.preflight.report import enforce_requirements
from components.release.spec import DeploymentSpec
from components.safety.checks import check_safety
from components.safety.manifests import find_manifest
from components.services.components import AclDatabase, MonitRoles, Verification
from components.services.database import ACCOUNT_PASSWORD, ADMIN_PASSWORD
from components.stack_outputs import read_stack_outputs
from components.steps.connection import Endpoint, load_endpoints
from components.steps.hints import hint_hook
from components.steps.model import Plan
from components.steps.phase import PhaseComponent
from components.steps.reason import Reason
from components.steps.resources import DeploymentContext, short_stack_trace
from components.tls.certificate import IssuedCertificate, WebCertificate, issue
from components.tls.load import load_certificate
from components.tls.plan import CRT, KEY, CertificateAndKey, CertificateSpec, identify

COMPONENTS: Mapping[Phase, type[PhaseComponent]] = {
    Phase.HOSTS: Hosts,
    Phase.PRODUCT: Product,
    Phase.CERTIFICATE: WebCertificate,
    Phase.ETCD: EtcdCluster,
    Phase.CONFIG_SERVER: ConfigServer,
    Phase.ACL_DATABASE: AclDatabase,
    Phase.DISTRIBUTION: Distribution,
    Phase.SERVICES: MonitRoles,
    Phase.VERIFICATION: Verification,
}
PASSWORD_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class DeephavenClusterArgs:
    """The arguments of a cluster.

    `config` has the keys of a stack file below `deephaven:cluster`, as plain values: hosts must be known when a
    preview starts, since a host's resources, its facts and all checks follow from them. Files that it names are
    relative to `project_dir`.
    """

    config: object
    project_dir: Path


@dataclass(frozen=True, kw_only=True)
class PreparedCluster:
    """A cluster that has passed every check: the resolved spec, the plan, the hosts' endpoints by key.

    `certificate` is a checked one, the spec of one that a private CA issues, or None for the vendor's own. `reasons`
    say why steps must run again, by step; nothing else from live facts becomes a property of a resource, since the
    second update would not be empty.
    """

    spec: DeploymentSpec
    plan: Plan
    endpoints: Mapping[str, Endpoint]
    certificate: CertificateAndKey | CertificateSpec | None
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    project_dir: Path = Path()


class PreparationError(DeploymentError, pulumi.RunError):
    """A cluster cannot be prepared; Pulumi prints a RunError without a traceback."""


def prepare(args: DeephavenClusterArgs) -> PreparedCluster:
    """Check a cluster against its configuration, its hosts and what runs on them; registers nothing.

    A program with several clusters prepares all of them before it registers the first. Raises PreparationError with a
    line for each finding: key path or host, what is wrong, what to do.
    """
    try:
        return _prepare(args)
    except DeploymentError as error:
        raise PreparationError(error.findings) from None


def _prepare(args: DeephavenClusterArgs) -> PreparedCluster:
    project, preview = args.project_dir, pulumi.runtime.is_dry_run()
    raw = _with_hosts(args.config)
    config = load_config(raw)
    for line in warnings(raw):
        pulumi.log.warn(line)
    spec = resolve(config, project=project)
    certificate = load_certificate(spec.cluster, project=project, now=datetime.now(UTC))
    spec = replace(spec, certificate=identify(certificate))
    planned = plan(spec, digest=_rpm_digest(project, config.release.rpm.file))
    endpoints = load_endpoints(config, project=project)
    facts = gather_facts(spec, endpoints, preview=preview)
    found = find_manifest(spec, facts)
    if findings := check_safety(spec, facts, found, preview=preview):
        raise SafetyError(finding.line for finding in findings)
    for line in (*found.warnings, *(doubt.line for doubt in found.doubts)):
        pulumi.log.warn(line)
    enforce_requirements(spec, facts)
    return PreparedCluster(
        spec=spec,
        plan=planned,
        endpoints=endpoints,
        certificate=certificate,
        reasons=find_drift(planned, facts, installed=installed_hosts(facts, found.manifest), now=datetime.now(UTC)),
        project_dir=project,
    )


def _with_hosts(raw: object) -> object:
    if isinstance(raw, Mapping) and is_reference(raw):
        return resolve_hosts(raw, read_stack_outputs)
    return raw


def _rpm_digest(project: Path, file: str | None) -> str:
    if file is None:
        return ""
    where = f"{ROOT}.release.rpm.file"
    return ProjectFile(where=where, name=file, path=project / file, expected="the vendor's RPM").sha256()


class DeephavenCluster(pulumi.ComponentResource):
    """One Deephaven cluster; its outputs hold no secrets.

    `url` is the web API's. `hosts` has fqdn, roles and services by the host's key. `certificates` are the verified
    fingerprints by name. `ca_certificate` is the private CA's own certificate as PEM text; other clusters have none.
    `phases` are the child components, each with outputs of its own.
    """

    url: pulumi.Output[str]
    release: pulumi.Output[str]
    hosts: pulumi.Output[Mapping[str, object]]
    certificates: pulumi.Output[Mapping[str, str]]
    ca_certificate: pulumi.Output[str]

    def __init__(
        self, name: str, args: DeephavenClusterArgs | PreparedCluster, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Prepare the cluster unless that is done, then register it; raises PreparationError."""
        prepared = args if isinstance(args, PreparedCluster) else prepare(args)
        spec = prepared.spec
        # an input, so that policies see it before anything else is registered, and an output for policies of stacks
        topology = {"topology": {"name": name, **policy_view(spec, prepared.plan, prepared.certificate)}}
        super().__init__("deephaven:index:DeephavenCluster", name, topology, opts)
        child = pulumi.ResourceOptions(parent=self)
        web = issue(name, spec.cluster, prepared.certificate, opts=child) if prepared.certificate else None
        context = DeploymentContext(
            name=name,
            spec=spec,
            project_dir=prepared.project_dir,
            endpoints=prepared.endpoints,
            secrets={**_passwords(name, spec, child), **({CRT: web.crt, KEY: web.key} if web else {})},
            reasons=prepared.reasons,
            hooks={
                key: hint_hook(name, node.label, prepared.endpoints[key], lost=key in spec.cluster.lost)
                for key, node in spec.cluster.nodes.items()
            },
        )
        self.phases: Mapping[Phase, PhaseComponent] = {
            phase: COMPONENTS[phase](f"{name}-{phase}", steps=steps, context=context, opts=child)
            for phase, steps in prepared.plan.phases().items()
        }
        self.outputs = _outputs(spec, context, web)
        for key, value in self.outputs.items():
            setattr(self, key, value)
        self.register_outputs({**self.outputs, **topology})


def _passwords(name: str, spec: DeploymentSpec, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Output[str]]:
    """Generate the passwords of what this program itself creates, and add the one that the stack provides."""
    generated = [f"{key}-monit-password" for key in spec.cluster.reachable]
    provided: dict[str, pulumi.Output[str]] = {}
    database = spec.cluster.acl_database
    if isinstance(database, ExternalDatabase):
        generated.append(ACCOUNT_PASSWORD)
        provided[ADMIN_PASSWORD] = pulumi.Output.secret(database.password.get_secret_value())
    keepers = {"generation": spec.generation} if spec.generation != "1" else None  # the first generation has none
    with short_stack_trace():
        passwords = {
            key: random.RandomPassword(
                f"{name}-{key}", length=PASSWORD_LENGTH, special=False, keepers=keepers, opts=opts
            ).result
            for key in generated
        }
    return {**passwords, **provided}


def _outputs(
    spec: DeploymentSpec, context: DeploymentContext, certificate: IssuedCertificate | None
) -> dict[str, pulumi.Output[object]]:
    """Return where the cluster is, what runs where, and its certificates."""
    cluster, web = spec.cluster, spec.profile.web
    # A web certificate that was renewed after the verification has a fingerprint of its own step.
    names = Installation.VERIFY.on(cluster.primary), Installation.RENEWED.on(cluster.web_api)
    texts = [pulumi.Output.unsecret(output) for name in names if (output := context.stdout(name)) is not None]
    hosts = {
        key: {"fqdn": node.fqdn, "roles": list(node.roles), "services": list(spec.services_of(node))}
        for key, node in cluster.reachable.items()
    }
    return {
        "url": pulumi.Output.from_input(f"https://{cluster.web_api.fqdn}:{web.port}{web.path}"),
        "release": pulumi.Output.from_input(cluster.full_version),
        "hosts": pulumi.Output.from_input(hosts),
        "certificates": pulumi.Output.all(*texts).apply(lambda outputs: fingerprints("\n".join(outputs))),
        **({"ca_certificate": certificate.authority} if certificate and certificate.authority else {}),
    }

"""Plans the web certificate by its kind (guide, steps 6, 13 and 18). Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from components.config.certificate import Certificate, PrivateCa
from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.steps.model import Step
from components.topology.cluster import Cluster, Node

# The names of secret values, which the program fills in where a step needs them.
CRT = "web-certificate"
KEY = "web-certificate-key"
# As pulumi-tls names them; the guide (Certificate Requirements) requires the last two.
USES = ("digital_signature", "key_encipherment", "server_auth", "client_auth")
COMMON_NAME = 64  # the most characters that X.509 allows


@dataclass(frozen=True)
class CertificateAndKey:
    """PEM text of a certificate with its chain and of its key; `root` is the root if the chain lacks it."""

    crt: str
    key: str = field(repr=False)
    root: str | None = None


@dataclass(frozen=True, kw_only=True)
class CertificateSpec:
    """The certificate that a private CA issues; days are whole."""

    organization: str
    key_type: str
    names: tuple[str, ...]
    uses: tuple[str, ...]
    validity_days: int
    renewal_days: int
    ca_validity_days: int

    @property
    def common_name(self) -> str:
        """The first name, or the organization if the name is too long."""
        return self.names[0] if len(self.names[0]) <= COMMON_NAME else self.organization


def identify(certificate: CertificateAndKey | CertificateSpec | None) -> str:
    """Return a digest that differs between certificates: of a provided one, or of the spec of a private CA's."""
    match certificate:
        case CertificateAndKey(crt=crt):
            text = crt
        case CertificateSpec():
            text = repr(replace(certificate, renewal_days=0))  # these days alone issue no other certificate
        case None:
            return ""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def keygen(certificate: Certificate) -> str:
    """Return the profile's entry for iris_keygen.sh by the kind of certificate."""
    return "keygen_self_signed" if certificate.kind == "self-signed" else "keygen_provided"


def cus(certificate: Certificate) -> str:
    """Return the profile's entry for cus_init.sh by the kind of certificate."""
    return "cus_insecure" if certificate.kind == "self-signed" else "cus_secure"


def served(cluster: Cluster) -> tuple[str, ...]:
    """Return the names that clients connect to: web API and Client Update Service."""
    return tuple(dict.fromkeys(node.fqdn for node in (cluster.web_api, cluster.cus) if node))


def users(cluster: Cluster) -> tuple[Node, ...]:
    """Return the hosts that use the certificate: those that serve it, and the one on which iris_keygen runs."""
    return tuple(dict.fromkeys(node for node in (cluster.web_api, cluster.cus, cluster.primary) if node))


def request(cluster: Cluster, private_ca: PrivateCa) -> CertificateSpec:
    """Return the spec of the private CA's certificate, which names only the hosts that use it."""
    return CertificateSpec(
        organization=private_ca.organization,
        key_type=private_ca.key_type,
        names=tuple(node.fqdn for node in users(cluster)),
        uses=USES,
        validity_days=private_ca.validity_days,
        renewal_days=private_ca.renewal_days,
        ca_validity_days=private_ca.ca_validity_days,
    )


def installed(spec: DeploymentSpec) -> tuple[str, ...]:
    """Return the names of the steps that install the certificate; the vendor's own needs none."""
    return tuple(step.resource_name for step in plan_certificate(spec))


def plan_certificate(spec: DeploymentSpec) -> Iterator[Step]:
    """Yield the installation on each host that uses it, after the RPM, which creates the owner's account."""
    if spec.cluster.config.certificate.kind == "self-signed":
        return
    place = spec.profile.certificate
    for node in users(spec.cluster):
        yield Step(
            row=Installation.CERTIFICATE,
            node=node,
            after=(Installation.PRODUCT.on(node),),
            limit=60,
            inputs={
                "crt_file": place.crt,
                "key_file": place.key,
                "mode": place.mode,
                "owner": place.owner,
                "certificate": spec.certificate,
            },
            secrets={"crt": CRT, "key": KEY},
        )

"""The web certificate as resources: issued or provided, and installed on the hosts."""

from dataclasses import dataclass
from typing import Any

import pulumi
from cryptography.hazmat.primitives.hashes import SHA256

from components.steps.phase import PhaseComponent
from components.steps.resources import DeploymentContext
from components.tls.pem import certificates
from components.tls.plan import CRT, CertificateAndKey, CertificateSpec, served
from components.tls.private_ca import PrivateCa, PrivateCaArgs
from components.topology.cluster import Cluster


class WebCertificate(PhaseComponent):
    """The certificate and its key on every host that uses them (guide, step 6).

    `fingerprint` is the certificate's SHA-256, as openssl prints it.
    """

    kind = "tls:WebCertificate"
    fingerprint: pulumi.Output[str]

    def describe(self, context: DeploymentContext) -> dict[str, Any]:
        """Return the fingerprint."""
        return {"fingerprint": pulumi.Output.unsecret(context.secrets[CRT].apply(fingerprint))}


def fingerprint(chain: str) -> str:
    """Return the SHA-256 of a chain's first certificate: upper-case hexadecimal bytes with colons."""
    return certificates(chain)[0].fingerprint(SHA256()).hex(":").upper()


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """The certificate with its chain, and its key, both secret; `authority` is the private CA's own certificate."""

    crt: pulumi.Output[str]
    key: pulumi.Output[str]
    authority: pulumi.Output[str] | None = None


def issue(
    name: str, cluster: Cluster, certificate: CertificateAndKey | CertificateSpec, *, opts: pulumi.ResourceOptions
) -> IssuedCertificate:
    """Return the provided certificate, or the one that a private CA issues; `name` is the cluster's."""
    match certificate:
        case CertificateAndKey():
            crt, key = (pulumi.Output.secret(text.strip()) for text in (certificate.crt, certificate.key))
            return IssuedCertificate(crt=crt, key=key)
        case CertificateSpec():
            args = PrivateCaArgs(spec=certificate, names=served(cluster))
            ca = PrivateCa(f"{name}-private-ca", args, opts)
            return IssuedCertificate(crt=ca.crt, key=ca.key, authority=ca.authority)

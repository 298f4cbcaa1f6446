"""The web certificate as resources: its issue, and its installation on the hosts."""

from dataclasses import dataclass

import pulumi

from components.steps.phase import PhaseComponent
from components.tls.plan import CertificateAndKey, CertificateSpec, served
from components.tls.private_ca import PrivateCa, PrivateCaArgs
from components.topology.cluster import Cluster


class WebCertificate(PhaseComponent):
    """The certificate and its key on every host that uses them (guide, step 6)."""

    kind = "tls:WebCertificate"


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """The certificate with its chain and its key, both secret; `authority` is the private CA's own certificate."""

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
            made = PrivateCa(f"{name}-private-ca", args, opts)
            return IssuedCertificate(crt=made.crt, key=made.key, authority=made.authority)

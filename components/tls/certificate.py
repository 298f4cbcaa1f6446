"""The web certificate as resources: its material, and its installation on the hosts."""

from dataclasses import dataclass

import pulumi

from components.steps.phase import Area
from components.tls.plan import Pair, Request, served
from components.tls.private_ca import PrivateCa, PrivateCaArgs
from components.topology.cluster import Cluster


class WebCertificate(Area):
    """The certificate and its key on every host that uses them (guide, step 6)."""

    kind = "tls:WebCertificate"


@dataclass(frozen=True, kw_only=True)
class Material:
    """What is installed, both secret; `authority` is the private CA's own certificate, for clients to trust."""

    crt: pulumi.Output[str]
    key: pulumi.Output[str]
    authority: pulumi.Output[str] | None = None


def material(cluster: Cluster, certificate: Pair | Request, *, parent: pulumi.Resource) -> Material:
    """Return what is installed: the provided certificate, or the one that a private CA makes."""
    match certificate:
        case Pair():
            crt, key = (pulumi.Output.secret(text.strip()) for text in (certificate.crt, certificate.key))
            return Material(crt=crt, key=key)
        case Request():
            args = PrivateCaArgs(request=certificate, names=served(cluster))
            made = PrivateCa("private-ca", args, pulumi.ResourceOptions(parent=parent))
            return Material(crt=made.crt, key=made.key, authority=made.authority)

"""A private certificate authority and the one certificate that it signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_tls as tls

from components.tls.check import CertificateRequirements, check
from components.tls.plan import CertificateAndKey, CertificateSpec

KEYS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "ecdsa-p256": {"algorithm": "ECDSA", "ecdsa_curve": "P256"},
        "ecdsa-p384": {"algorithm": "ECDSA", "ecdsa_curve": "P384"},
        "rsa-2048": {"algorithm": "RSA", "rsa_bits": 2048},
        "rsa-4096": {"algorithm": "RSA", "rsa_bits": 4096},
    }
)
ISSUED = "the private CA's certificate"


@dataclass(frozen=True, kw_only=True)
class PrivateCaArgs:
    """The certificate to issue, and the names for which it must be valid."""

    spec: CertificateSpec
    names: Sequence[str]


class PrivateCa(pulumi.ComponentResource):
    """The authority's key and certificate, and the hosts' key, request and certificate.

    `crt` (with its chain) and `key` are available only after a check, so no step can install a bad certificate.
    """

    def __init__(self, name: str, args: PrivateCaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("deephaven:tls:PrivateCa", name, None, opts)
        self._prefix, self._spec = name, args.spec
        self._child = pulumi.ResourceOptions(parent=self)
        kind = KEYS[args.spec.key_type]
        ca_key, key = (tls.PrivateKey(f"{name}-{of}", **kind, opts=self._child) for of in ("key", "hosts-key"))
        authority = self._authority(ca_key)
        certificate = self._certificate(ca_key, authority, key)
        parts = pulumi.Output.all(certificate.cert_pem, authority.cert_pem, key.private_key_pem_pkcs8)
        issued: pulumi.Output[CertificateAndKey] = parts.apply(lambda values: checked(pair(*values), args.names))
        self.crt: pulumi.Output[str] = issued.apply(lambda certificate: certificate.crt)
        self.key: pulumi.Output[str] = issued.apply(lambda certificate: certificate.key)
        self.authority = authority.cert_pem
        self.register_outputs({"authority": self.authority})

    def _authority(self, key: tls.PrivateKey) -> tls.SelfSignedCert:
        """Create the authority's certificate; it is renewed while it still outlives every certificate that it signs."""
        spec = self._spec
        return tls.SelfSignedCert(
            f"{self._prefix}-certificate",
            private_key_pem=key.private_key_pem,
            subject={"organization": spec.organization, "common_name": f"{spec.organization} private CA"[:64]},
            is_ca_certificate=True,
            set_subject_key_id=True,
            allowed_uses=["cert_signing", "crl_signing"],
            validity_period_hours=24 * spec.ca_validity_days,
            early_renewal_hours=24 * (spec.validity_days + spec.renewal_days),
            opts=self._child,
        )

    def _certificate(
        self, ca_key: tls.PrivateKey, authority: tls.SelfSignedCert, key: tls.PrivateKey
    ) -> tls.LocallySignedCert:
        spec = self._spec
        signing = tls.CertRequest(
            f"{self._prefix}-request",
            private_key_pem=key.private_key_pem,
            subject={"organization": spec.organization, "common_name": spec.common_name},
            dns_names=list(spec.names),
            opts=self._child,
        )
        return tls.LocallySignedCert(
            f"{self._prefix}-hosts-certificate",
            ca_cert_pem=authority.cert_pem,
            ca_private_key_pem=ca_key.private_key_pem,
            cert_request_pem=signing.cert_request_pem,
            allowed_uses=list(spec.uses),
            set_subject_key_id=True,
            validity_period_hours=24 * spec.validity_days,
            early_renewal_hours=24 * spec.renewal_days,
            opts=self._child,
        )


def pair(certificate: str, authority: str, key: str) -> CertificateAndKey:
    """Return the certificate to install: the chain with its root, and the key."""
    return CertificateAndKey(f"{certificate.strip()}\n{authority.strip()}", key.strip())


def checked(issued: CertificateAndKey, names: Sequence[str]) -> CertificateAndKey:
    """Return a certificate that meets the requirements; raises RunError, which is printed without a traceback."""
    findings = check(issued, CertificateRequirements(names=names, now=datetime.now(UTC), minimum_days=1), ISSUED)
    if findings:
        raise pulumi.RunError("\n".join(findings))
    return issued

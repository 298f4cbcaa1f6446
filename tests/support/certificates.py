"""Certificates for tests: authorities, intermediates and web certificates, with any extensions and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

# Later than the clock by more than a whole test run, because openssl dates its certificates by the clock.
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6)
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@dataclass(frozen=True)
class SignedCertificate:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes

    @property
    def crt(self) -> str:
        """The certificate as PEM text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def pem(self) -> str:
        """The key as PEM text without a password."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def make(  # noqa: PLR0913 - the fields of a certificate
    name: str,
    issuer: SignedCertificate | None = None,
    *,
    names: Sequence[x509.GeneralName | str] | None = None,
    uses: Sequence[x509.ObjectIdentifier] | None = BOTH,
    usage: x509.KeyUsage | None = None,
    valid: tuple[float, float] = (-1, 100),
    key: CertificateIssuerPrivateKeyTypes | None = None,
    constraints: x509.BasicConstraints | None = None,
) -> SignedCertificate:
    """Return a certificate signed by an issuer, or by itself without one; `valid` is in days from now."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(issuer.certificate.subject if issuer else subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=valid[0]))
        .not_valid_after(NOW + timedelta(days=valid[1]))
    )
    alternatives = [x509.DNSName(item) if isinstance(item, str) else item for item in names or ()]
    extensions: list[tuple[x509.ExtensionType | None, bool]] = [
        (constraints, True),
        (usage, True),
        (x509.ExtendedKeyUsage(uses) if uses else None, False),
        (x509.SubjectAlternativeName(alternatives) if names is not None else None, False),
    ]
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical) if extension else builder

    return SignedCertificate(builder.sign(issuer.key if issuer else key, SHA256()), key)


def subject(name: str) -> x509.Name:
    """Return a certificate's subject."""
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def authority(
    name: str,
    issuer: SignedCertificate | None = None,
    *,
    path_length: int | None = None,
    signs: bool = True,
    valid: tuple[float, float] = (-1, 1000),
) -> SignedCertificate:
    """Return an authority's certificate."""
    usage = key_usage(signs=signs)
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    return make(name, issuer, uses=None, usage=usage, valid=valid, constraints=constraints)


def key_usage(*, digital: bool = False, signs: bool = False) -> x509.KeyUsage:
    """Return a key usage for digital signatures, for signing certificates, or for neither."""
    return x509.KeyUsage(
        digital_signature=digital, key_cert_sign=signs, crl_sign=signs,
        content_commitment=False, key_encipherment=not signs, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip

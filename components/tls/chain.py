"""Checks of a certificate's chain: complete, in order, each signed by the next, up to the root. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")  # both Java 8 and OpenSSL on CentOS 7 support these
WEAK = ("md5", "sha1")

Chain = Sequence[x509.Certificate]
Finding = tuple[str, str]
T = TypeVar("T", bound=x509.ExtensionType)


def called(name: x509.Name) -> str:
    """Return a certificate's name in messages: its common name, else its whole subject."""
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return repr(str(common[0].value)) if common else repr(name.rfc4514_string())


def extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    """Return the value of an extension, or None if it is absent."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate may sign others."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def is_root(certificate: x509.Certificate) -> bool:
    """Return whether a certificate can be the end of a chain."""
    return certificate.issuer == certificate.subject


def order(chain: Chain) -> Iterator[Finding]:
    """Yield the first problem with the certificates in a chain and their order."""
    for n, certificate in enumerate(chain):
        if certificate in chain[:n]:
            yield f"contains the certificate of {called(certificate.subject)} twice", "remove one of them"
            return
    for n, (certificate, following) in enumerate(pairwise(chain)):
        if certificate.issuer == following.subject:
            continue
        if is_root(certificate) or not any(other.subject == certificate.issuer for other in chain):
            yield _gap(certificate, chain[n + 1 :])
        else:
            what = (
                f"is in the wrong order: the certificate of {called(certificate.subject)} must be followed by that of"
            )
            remedy = "order it from the hosts' certificate to the root"
            yield f"{what} its issuer {called(certificate.issuer)}", remedy
        return
    if not is_root(chain[-1]):
        yield (
            f"is incomplete: it ends with {called(chain[-1].subject)}, before the root",
            f"append the certificate of {called(chain[-1].issuer)}, or provide the root under root",
        )


def _gap(certificate: x509.Certificate, rest: Chain) -> Finding:
    if is_root(certificate):
        return f"contains {called(rest[0].subject)}, which is not part of the chain", "remove that certificate"
    issuer, subject = called(certificate.issuer), called(certificate.subject)
    what = f"is incomplete: the certificate of {issuer}, which issued {subject}, is missing"
    return what, f"add it after the certificate of {subject}"


def links(chain: Chain, now: datetime) -> Iterator[Finding]:
    """Yield the problems with issuers and signatures of a chain that is in order."""
    for below, (certificate, issuer) in enumerate(zip(chain, [*chain[1:], chain[-1]], strict=True)):
        if not _signed(certificate, issuer):
            signer = called(issuer.subject)
            what = f"contains a certificate of {called(certificate.subject)} that this {signer} did not sign"
            yield what, f"provide the certificate of the {signer} that signed it"
        if below:
            yield from _issuer(certificate, below - 1, now)


def _signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if _hash(certificate) in WEAK:
        return True  # `weak` reports it; the library would refuse to verify it
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _issuer(certificate: x509.Certificate, below: int, now: datetime) -> Iterator[Finding]:
    """Yield the problems with an issuer that has a number of other issuers below it."""
    who, remedy = called(certificate.subject), "have the certificate issued by another authority"
    constraints, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    if constraints is None or not constraints.ca:
        yield f"has an issuer {who} that is not an authority", remedy
    elif constraints.path_length is not None and constraints.path_length < below:
        yield f"is too long: {who} allows {constraints.path_length} authorities below it, the chain has {below}", remedy
    if usage is not None and not usage.key_cert_sign:
        yield f"has an issuer {who} whose key must not sign certificates", remedy
    if certificate.not_valid_after_utc <= now:
        renewed = "replace it with its renewed certificate"
        yield f"has an issuer {who} that expired on {certificate.not_valid_after_utc:%Y-%m-%d}", renewed
    if certificate.not_valid_before_utc > now:
        yield (
            f"has an issuer {who} that is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}",
            "wait until then",
        )


def weak(chain: Chain) -> Iterator[Finding]:
    """Yield the certificates whose keys or signatures clients or Java 8 reject."""
    for certificate in chain:
        key, who = certificate.public_key(), called(certificate.subject)
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < RSA_BITS:
                yield f"has an RSA key of {key.key_size} bits for {who}", f"use {RSA_BITS} bits or more"
        elif not isinstance(key, ec.EllipticCurvePublicKey):
            yield (
                f"has a key of a type that Java 8 does not support for {who}",
                "use RSA or an elliptic curve like P-256",
            )
        elif key.curve.name not in CURVES:
            yield f"has a key on the curve {key.curve.name} for {who}", "use P-256, P-384 or P-521"
        if _hash(certificate) in WEAK and not is_root(certificate):
            yield f"is signed with {_hash(certificate).upper()} for {who}", "have it issued with SHA-256"


def _hash(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else ""

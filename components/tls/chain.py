"""A certificate's chain: complete, in the right order, each signed by the next, up to the root. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")  # what Java 8 and OpenSSL of CentOS 7 share
WEAK = ("md5", "sha1")

Chain = Sequence[x509.Certificate]
Finding = tuple[str, str]
T = TypeVar("T", bound=x509.ExtensionType)


def called(name: x509.Name) -> str:
    """Return how messages call a certificate: its common name, else all of its subject."""
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return repr(str(common[0].value)) if common else repr(name.rfc4514_string())


def extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    """Return one extension's value, or None where it is absent."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate may sign others."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def is_root(certificate: x509.Certificate) -> bool:
    """Return whether a chain can end with a certificate."""
    return certificate.issuer == certificate.subject


def order(chain: Chain) -> Iterator[Finding]:
    """Yield what is wrong with which certificates there are and how they follow one another, the first thing only."""
    for n, one in enumerate(chain):
        if one in chain[:n]:
            yield f"holds the certificate of {called(one.subject)} twice", "take one of them away"
            return
    for n, (one, following) in enumerate(pairwise(chain)):
        if one.issuer == following.subject:
            continue
        if is_root(one) or not any(other.subject == one.issuer for other in chain):
            yield _gap(one, chain[n + 1 :])
        else:
            what = f"is in the wrong order: after the certificate of {called(one.subject)} must come that of its issuer"
            yield f"{what} {called(one.issuer)}", "order it from the hosts' certificate to the root"
        return
    if not is_root(chain[-1]):
        yield (
            f"is not complete: it ends with {called(chain[-1].subject)}, before the root",
            f"append the certificate of {called(chain[-1].issuer)}, or give the root under root",
        )


def _gap(one: x509.Certificate, rest: Chain) -> Finding:
    if is_root(one):
        return f"holds {called(rest[0].subject)}, which does not belong to the chain", "remove that certificate"
    what = f"is not complete: the certificate of {called(one.issuer)}, which issued {called(one.subject)}, is missing"
    return what, "put it after that one"


def links(chain: Chain, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the issuers in a chain that is in order, and with the signatures."""
    for below, (one, issuer) in enumerate(zip(chain, [*chain[1:], chain[-1]], strict=True)):
        if not _signed(one, issuer):
            what = f"holds a certificate of {called(one.subject)} that {called(issuer.subject)} here did not sign"
            yield what, f"give the certificate of {called(issuer.subject)} whose key did"
        if below:
            yield from _issuer(one, below - 1, now)


def _signed(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    if _hash(one) in WEAK:
        return True  # reported as such; the library would not even verify it
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _issuer(one: x509.Certificate, below: int, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with an issuer that has so many other issuers below it."""
    who, again = called(one.subject), "have the certificate issued by another authority"
    constraints, usage = extension(one, x509.BasicConstraints), extension(one, x509.KeyUsage)
    if constraints is None or not constraints.ca:
        yield f"has an issuer {who} that is not an authority", again
    elif constraints.path_length is not None and constraints.path_length < below:
        yield f"is too long: {who} allows {constraints.path_length} authorities below it, here are {below}", again
    if usage is not None and not usage.key_cert_sign:
        yield f"has an issuer {who} whose key must not sign certificates", again
    if one.not_valid_after_utc <= now:
        renewed = "put its renewed certificate there"
        yield f"has an issuer {who} that expired on {one.not_valid_after_utc:%Y-%m-%d}", renewed
    if one.not_valid_before_utc > now:
        yield f"has an issuer {who} that is not valid before {one.not_valid_before_utc:%Y-%m-%d}", "wait until then"


def weak(chain: Chain) -> Iterator[Finding]:
    """Yield the certificates whose keys or signatures clients or Java 8 do not take."""
    for one in chain:
        key, who = one.public_key(), called(one.subject)
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < RSA_BITS:
                yield f"has an RSA key of {key.key_size} bits for {who}", f"use one of {RSA_BITS} or more"
        elif not isinstance(key, ec.EllipticCurvePublicKey):
            yield f"has a key of a type that Java 8 does not know for {who}", "use RSA or an elliptic curve like P-256"
        elif key.curve.name not in CURVES:
            yield f"has a key on the curve {key.curve.name} for {who}", "use P-256, P-384 or P-521"
        if _hash(one) in WEAK and not is_root(one):
            yield f"is signed with {_hash(one).upper()} for {who}", "have it issued with SHA-256"


def _hash(one: x509.Certificate) -> str:
    algorithm = one.signature_hash_algorithm
    return algorithm.name if algorithm else ""

"""Checks of a web certificate (guide, Certificate Requirements). Pure: the inputs are PEM texts and a time.

Each finding is a line: key path, what is wrong, what to do. No finding quotes a key.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from components.tls.chain import Chain, Finding, called, extension, is_authority, is_root, links, order, weak
from components.tls.pem import CertificateError, certificates, private_key
from components.tls.plan import CertificateAndKey, CertificateSpec

USES = (
    (ExtendedKeyUsageOID.SERVER_AUTH, "server_auth", "TLS Web Server Authentication"),
    (ExtendedKeyUsageOID.CLIENT_AUTH, "client_auth", "TLS Web Client Authentication"),
)
AGAIN = "have the certificate issued with it"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class CertificateRequirements:
    """The requirements of a certificate: the names that clients connect to, and validity now and for some days."""

    names: Sequence[str]
    now: datetime
    minimum_days: int


def check(pair: CertificateAndKey, requirements: CertificateRequirements, where: str) -> list[str]:
    """Return one line for each problem with a certificate, its chain and its key; each begins with `where`."""
    findings: list[str] = []
    chain = _read(certificates, pair.crt, f"{where}.crt", findings)
    key = _read(private_key, pair.key, f"{where}.key", findings)
    root = _read(_root, pair.root, f"{where}.root", findings) if pair.root is not None else None
    if chain:
        whole = chain if root is None or is_root(chain[-1]) else [*chain, root]
        findings += [f"{where}.crt: {what}; {remedy}" for what, remedy in _certificate(whole, requirements)]
        if key and _public(key.public_key()) != _public(_leaf_of(chain).public_key()):
            findings.append(f"{where}.key: does not match the hosts' certificate; provide the key of that certificate")
    return findings


def check_request(spec: CertificateSpec, requirements: CertificateRequirements, where: str) -> list[str]:
    """Return one line for each problem that the certificate of a private CA would have."""
    findings = [f"lacks the Extended Key Usage {title}; {AGAIN}" for _, use, title in USES if use not in spec.uses]
    findings += [f"{what}; {remedy}" for what, remedy in _covers(spec.names, requirements.names)]
    lines = [f"{where}: {finding}" for finding in findings]
    if spec.renewal_days >= spec.validity_days:
        days = f"{spec.renewal_days} of {spec.validity_days} days would renew it in every update"
        lines.append(f"{where}.renewal_days: {days}; write fewer than validity_days")
    least = spec.validity_days + spec.renewal_days + 1
    if spec.ca_validity_days < least:
        lines.append(
            f"{where}.ca_validity_days: {spec.ca_validity_days} days end before the certificates that it signs; write"
            f" {least} or more"
        )
    return lines


def _read(read: Callable[[str], T], text: str, where: str, findings: list[str]) -> T | None:
    try:
        return read(text)
    except CertificateError as error:
        findings.append(f"{where}: {error}")
        return None


def _root(text: str) -> x509.Certificate:
    chain = certificates(text)
    if len(chain) != 1 or not is_root(chain[0]):
        raise CertificateError(
            "is not a single self-signed certificate", "provide only the root; the others belong in crt"
        )
    return chain[0]


def _leaf_of(chain: Chain) -> x509.Certificate:
    return next((certificate for certificate in chain if not is_authority(certificate)), chain[0])


def _public(key: object) -> bytes:
    public: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return public


def _certificate(chain: Chain, requirements: CertificateRequirements) -> Iterator[Finding]:
    leaf = chain[0]
    if is_authority(leaf):
        hosts = [certificate for certificate in chain if not is_authority(certificate)]
        if hosts:
            what = f"is in the wrong order: it begins with the authority {called(leaf.subject)}"
            yield what, f"put the hosts' certificate {called(hosts[0].subject)} first"
        else:
            yield (
                f"contains only authorities, like {called(leaf.subject)}",
                "add the hosts' certificate at the beginning",
            )
        return
    yield from _leaf(leaf, requirements)
    yield from weak(chain)
    if is_root(leaf):
        yield "is self-signed, so no client trusts it", "use one of an authority, or kind private-ca or self-signed"
        return
    broken = list(order(chain))
    yield from broken or links(chain, requirements.now)


def _leaf(leaf: x509.Certificate, requirements: CertificateRequirements) -> Iterator[Finding]:
    yield from _uses(leaf)
    names = extension(leaf, x509.SubjectAlternativeName)
    if names is None:
        yield "has no Subject Alternative Name, and clients ignore the common name", AGAIN
    else:
        yield from _covers(names.get_values_for_type(x509.DNSName), requirements.names)
    yield from _time(leaf, requirements)


def _uses(leaf: x509.Certificate) -> Iterator[Finding]:
    extended, usage = extension(leaf, x509.ExtendedKeyUsage), extension(leaf, x509.KeyUsage)
    if extended is None:
        yield f"has no Extended Key Usage, but needs {USES[0][2]} and {USES[1][2]}", AGAIN
    else:
        yield from ((f"lacks the Extended Key Usage {title}", AGAIN) for oid, _, title in USES if oid not in extended)
    if usage is not None and not usage.digital_signature:
        yield "has a Key Usage without digital signature, which TLS needs", AGAIN


def _covers(patterns: Sequence[str], names: Sequence[str]) -> Iterator[Finding]:
    if not patterns:
        yield "has no DNS name among its Subject Alternative Names", f"have it issued for {' and '.join(names)}"
        return
    for name in names:
        if not any(covers(pattern, name) for pattern in patterns):
            valid = ", ".join(patterns)
            yield f"is not valid for {name}, but for {valid}{_why(patterns, name)}", f"have it issued for {name}"


def covers(pattern: str, name: str) -> bool:
    """Return whether a certificate's name matches a host's; a wildcard matches exactly one whole label."""
    label, _, rest = pattern.lower().partition(".")
    if label == "*":
        return "." in rest and "*" not in rest and name.partition(".")[2] == rest
    return pattern.lower() == name


def _why(patterns: Sequence[str], name: str) -> str:
    """Return the reason why a wildcard that seems to match does not."""
    for pattern in patterns:
        label, _, rest = pattern.lower().partition(".")
        if label == "*" and name == rest:
            return " (a wildcard does not match the domain itself)"
        if label == "*" and "*" not in rest and name.endswith(f".{rest}"):
            return " (a wildcard matches one label only)"
        if "*" in pattern and label != "*":
            return " (a wildcard matches a whole label only)"
        if "*" in rest:
            return " (a wildcard must be the first label)"
    return ""


def _time(leaf: x509.Certificate, requirements: CertificateRequirements) -> Iterator[Finding]:
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    days = (end - requirements.now).days
    if start > requirements.now:
        yield f"is not valid before {start:%Y-%m-%d %H:%M} UTC", "wait until then, or correct this machine's clock"
    elif end <= requirements.now:
        yield f"expired on {end:%Y-%m-%d}", "renew it"
    elif days < requirements.minimum_days:
        yield (
            f"is valid for {days} more days, but {requirements.minimum_days} are required",
            "renew it, or lower minimum_days",
        )

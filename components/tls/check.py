"""What a web certificate must fulfil (guide, Certificate Requirements). Pure: it looks at texts and a time.

Each finding is a line: key path, what is wrong, what to do. No finding contains anything of a key.
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
    """What a certificate must fulfil: the names that clients connect to, valid now and for some days."""

    names: Sequence[str]
    now: datetime
    minimum_days: int


def check(pair: CertificateAndKey, demand: CertificateRequirements, where: str) -> list[str]:
    """Return a line for each thing that is wrong with a certificate, its chain and its key; `where` begins each."""
    found: list[str] = []
    chain = _read(certificates, pair.crt, f"{where}.crt", found)
    key = _read(private_key, pair.key, f"{where}.key", found)
    root = _read(_root, pair.root, f"{where}.root", found) if pair.root is not None else None
    if chain:
        whole = chain if root is None or is_root(chain[-1]) else [*chain, root]
        found += [f"{where}.crt: {what}; {remedy}" for what, remedy in _certificate(whole, demand)]
        if key and _public(key.public_key()) != _public(_hosts(chain).public_key()):
            found.append(f"{where}.key: does not belong to the hosts' certificate; give the key that it was made for")
    return found


def check_request(request: CertificateSpec, demand: CertificateRequirements, where: str) -> list[str]:
    """Return a line for each thing that would be wrong with the certificate of a private CA."""
    found = [f"no use {title}; {AGAIN}" for _, use, title in USES if use not in request.uses]
    found += [f"{what}; {remedy}" for what, remedy in _covers(request.names, demand.names)]
    lines = [f"{where}: {line}" for line in found]
    if request.renewal_days >= request.validity_days:
        days = f"{request.renewal_days} of {request.validity_days} days would make every update renew it"
        lines.append(f"{where}.renewal_days: {days}; write fewer than validity_days")
    least = request.validity_days + request.renewal_days + 1
    if request.ca_validity_days < least:
        lines.append(
            f"{where}.ca_validity_days: {request.ca_validity_days} would end before certificates that it signs;"
            f" write {least} or more"
        )
    return lines


def _read(read: Callable[[str], T], text: str, where: str, found: list[str]) -> T | None:
    try:
        return read(text)
    except CertificateError as error:
        found.append(f"{where}: {error}")
        return None


def _root(text: str) -> x509.Certificate:
    chain = certificates(text)
    if len(chain) != 1 or not is_root(chain[0]):
        raise CertificateError(
            "is not a single self-signed certificate", "provide only the root; the others belong in crt"
        )
    return chain[0]


def _hosts(chain: Chain) -> x509.Certificate:
    return next((one for one in chain if not is_authority(one)), chain[0])


def _public(key: object) -> bytes:
    public: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return public


def _certificate(chain: Chain, demand: CertificateRequirements) -> Iterator[Finding]:
    leaf = chain[0]
    if is_authority(leaf):
        hosts = [one for one in chain if not is_authority(one)]
        if hosts:
            what = f"is in the wrong order: it begins with the authority {called(leaf.subject)}"
            yield what, f"put the hosts' certificate {called(hosts[0].subject)} first"
        else:
            yield f"holds only authorities, like {called(leaf.subject)}", "put the hosts' certificate first"
        return
    yield from _leaf(leaf, demand)
    yield from weak(chain)
    if is_root(leaf):
        yield "signs itself, so that no client trusts it", "use one of an authority, or kind private-ca or self-signed"
        return
    broken = list(order(chain))
    yield from broken or links(chain, demand.now)


def _leaf(leaf: x509.Certificate, demand: CertificateRequirements) -> Iterator[Finding]:
    yield from _uses(leaf)
    names = extension(leaf, x509.SubjectAlternativeName)
    if names is None:
        yield "has no Subject Alternative Name; clients do not look at the common name", AGAIN
    else:
        yield from _covers(names.get_values_for_type(x509.DNSName), demand.names)
    yield from _time(leaf, demand)


def _uses(leaf: x509.Certificate) -> Iterator[Finding]:
    extended, usage = extension(leaf, x509.ExtendedKeyUsage), extension(leaf, x509.KeyUsage)
    if extended is None:
        yield f"has no Extended Key Usage; needed are {USES[0][2]} and {USES[1][2]}", AGAIN
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
            has = ", ".join(patterns)
            yield f"is not valid for {name}, but for {has}{_why(patterns, name)}", f"have it issued for {name}"


def covers(pattern: str, name: str) -> bool:
    """Return whether a certificate's name matches a host's; a wildcard matches exactly one whole label."""
    label, _, rest = pattern.lower().partition(".")
    if label == "*":
        return "." in rest and "*" not in rest and name.partition(".")[2] == rest
    return pattern.lower() == name


def _why(patterns: Sequence[str], name: str) -> str:
    """Return why a wildcard that seems to match does not."""
    for pattern in patterns:
        label, _, rest = pattern.lower().partition(".")
        if label == "*" and name == rest:
            return " (a wildcard does not match the domain itself)"
        if label == "*" and "*" not in rest and name.endswith(f".{rest}"):
            return " (a wildcard matches one label only)"
        if "*" in pattern and label != "*":
            return " (a wildcard matches a whole label only)"
        if "*" in rest:
            return " (a wildcard is the first label only)"
    return ""


def _time(leaf: x509.Certificate, demand: CertificateRequirements) -> Iterator[Finding]:
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    days = (end - demand.now).days
    if start > demand.now:
        yield f"is not valid before {start:%Y-%m-%d %H:%M} UTC", "wait until then, or set this machine's clock"
    elif end <= demand.now:
        yield f"expired on {end:%Y-%m-%d}", "renew it"
    elif days < demand.minimum_days:
        yield f"is valid for {days} more days, needed are {demand.minimum_days}", "renew it, or set minimum_days"

"""Hosts' certificates that do not meet the requirements."""

import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from components.tls.plan import CertificateAndKey
from tests.support.certificates import BOTH, key_usage, make
from tests.unit.tls.bad.cases import GOOD, MIDDLE, NAME, REST, bad, openssl, web


@bad(
    "crt: has no Extended Key Usage, but needs TLS Web Server Authentication and TLS Web Client Authentication;"
    " have the certificate issued with it"
)
def no_extended_key_usage() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], uses=None))


@bad("crt: lacks the Extended Key Usage TLS Web Client Authentication; have the certificate issued with it")
def for_servers_only() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], uses=BOTH[:1]))


@bad("crt: lacks the Extended Key Usage TLS Web Server Authentication; have the certificate issued with it")
def for_clients_only() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], uses=BOTH[1:]))


@bad("crt: has a Key Usage without digital signature, which TLS needs; have the certificate issued with it")
def no_digital_signature() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], usage=key_usage()))


@bad("crt: has no Subject Alternative Name, and clients ignore the common name; have the certificate issued with it")
def only_a_common_name() -> CertificateAndKey:
    return web(make(NAME, MIDDLE))


@bad("crt: has no DNS name among its Subject Alternative Names; have it issued for web.my.company")
def only_an_address() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[x509.IPAddress(ipaddress.ip_address("10.0.0.11"))]))


@bad("crt: is not valid for web.my.company, but for www.my.company; have it issued for web.my.company")
def another_name() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=["www.my.company"]))


@bad(
    "crt: is not valid for web.my.company, but for *.company (a wildcard matches one label only);"
    " have it issued for web.my.company"
)
def a_wildcard_of_a_level_above() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=["*.company"]))


@bad(
    "crt: is not valid for web.my.company, but for *.web.my.company (a wildcard does not match the domain itself);"
    " have it issued for web.my.company"
)
def a_wildcard_of_a_level_below() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=["*.web.my.company"]))


@bad(
    "crt: is not valid for web.my.company, but for w*.my.company (a wildcard matches a whole label only);"
    " have it issued for web.my.company"
)
def a_wildcard_of_half_a_label() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=["w*.my.company"]))


@bad(
    "crt: is not valid for web.my.company, but for *.*.company (a wildcard must be the first label);"
    " have it issued for web.my.company"
)
def two_wildcards() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=["*.*.company"]))


@bad("crt: expired on {yesterday}; renew it")
def an_expired_certificate() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], valid=(-10, -1)))


@bad("crt: is not valid before {tomorrow} UTC; wait until then, or correct this machine's clock")
def a_certificate_of_tomorrow() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], valid=(1, 100)))


@bad("crt: is valid for 13 more days, but 14 are required; renew it, or lower minimum_days")
def few_days_left() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], valid=(-10, 13.5)))


@bad("crt: is self-signed, so no client trusts it; use one of an authority, or kind private-ca or self-signed")
def a_certificate_that_signs_itself() -> CertificateAndKey:
    return web(make("Web", names=[NAME]), rest="")


@bad("crt: has an RSA key of 1024 bits for 'Web'; use 2048 bits or more")
def a_short_rsa_key() -> CertificateAndKey:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the case
    return web(make("Web", MIDDLE, names=[NAME], key=short))


@bad("crt: has a key on the curve secp256k1 for 'Web'; use P-256, P-384 or P-521")
def a_curve_that_browsers_reject() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], key=ec.generate_private_key(ec.SECP256K1())))


@bad("crt: has a key of a type that Java 8 does not support for 'Web'; use RSA or an elliptic curve like P-256")
def an_edwards_curve() -> CertificateAndKey:
    return web(make("Web", MIDDLE, names=[NAME], key=ed25519.Ed25519PrivateKey.generate()))


@bad("crt: is signed with SHA1 for 'Web'; have it issued with SHA-256")
def signed_with_sha1() -> CertificateAndKey:
    extensions = f"subjectAltName=DNS:{NAME}\nextendedKeyUsage=serverAuth,clientAuth\n"
    request = openssl("req", "-new", "-key", "key", "-subj", "/CN=Web", key=GOOD.pem)
    signing = ("x509", "-req", "-sha1", "-in", "csr", "-CA", "ca", "-CAkey", "cakey", "-days", "90", "-set_serial", "7")
    files = {"csr": request, "ca": MIDDLE.crt, "cakey": MIDDLE.pem, "ext": extensions}
    return CertificateAndKey(openssl(*signing, "-extfile", "ext", **files) + REST, GOOD.pem)

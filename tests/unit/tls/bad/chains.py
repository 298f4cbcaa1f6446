"""Chains that are incomplete, in the wrong order, or from the wrong authorities."""

from components.tls.plan import CertificateAndKey
from tests.support.certificates import authority, make
from tests.unit.tls.bad.cases import GOOD, MIDDLE, NAME, OTHER, REST, ROOT, bad, chain, web


@bad(
    "crt: is incomplete: it ends with 'Web', before the root;"
    " append the certificate of 'Middle', or provide the root under root"
)
def no_chain() -> CertificateAndKey:
    return chain(GOOD)


@bad(
    "crt: is incomplete: it ends with 'Middle', before the root;"
    " append the certificate of 'Root', or provide the root under root"
)
def no_root() -> CertificateAndKey:
    return chain(GOOD, MIDDLE)


@bad(
    "crt: is incomplete: the certificate of 'Middle', which issued 'Web', is missing;"
    " add it after the certificate of 'Web'"
)
def no_intermediate() -> CertificateAndKey:
    return chain(GOOD, ROOT)


@bad(
    "crt: is in the wrong order: the certificate of 'Web' must be followed by that of its issuer 'Middle';"
    " order it from the hosts' certificate to the root"
)
def issuers_in_the_wrong_order() -> CertificateAndKey:
    return chain(GOOD, ROOT, MIDDLE)


@bad("crt: is in the wrong order: it begins with the authority 'Root'; put the hosts' certificate 'Web' first")
def the_whole_chain_backwards() -> CertificateAndKey:
    return chain(ROOT, MIDDLE, GOOD)


@bad("crt: contains only authorities, like 'Middle'; add the hosts' certificate at the beginning")
def no_web_certificate() -> CertificateAndKey:
    return CertificateAndKey(REST, MIDDLE.pem)


@bad("crt: contains the certificate of 'Middle' twice; remove one of them")
def a_certificate_twice() -> CertificateAndKey:
    return chain(GOOD, MIDDLE, MIDDLE, ROOT)


@bad("crt: contains 'Other', which is not part of the chain; remove that certificate")
def one_too_many() -> CertificateAndKey:
    return chain(GOOD, MIDDLE, ROOT, OTHER)


@bad(
    "crt: contains a certificate of 'Web' that this 'Middle' did not sign;"
    " provide the certificate of the 'Middle' that signed it"
)
def an_issuer_of_the_same_name() -> CertificateAndKey:
    return chain(GOOD, authority("Middle", ROOT), ROOT)


@bad("crt: has an issuer 'Middle' that is not an authority; have the certificate issued by another authority")
def an_issuer_that_is_not_an_authority() -> CertificateAndKey:
    host = make("Middle", ROOT, names=["middle.my.company"])
    return web(make("Web", host, names=[NAME]), host.crt + ROOT.crt)


@bad(
    "crt: has an issuer 'Middle' whose key must not sign certificates; have the certificate issued by another authority"
)
def an_issuer_that_must_not_sign() -> CertificateAndKey:
    middle = authority("Middle", ROOT, signs=False)
    return web(make("Web", middle, names=[NAME]), middle.crt + ROOT.crt)


@bad(
    "crt: is too long: 'Root' allows 0 authorities below it, the chain has 1;"
    " have the certificate issued by another authority"
)
def a_chain_that_is_too_long() -> CertificateAndKey:
    root = authority("Root", path_length=0)
    middle = authority("Middle", root)
    return web(make("Web", middle, names=[NAME]), middle.crt + root.crt)


@bad("crt: has an issuer 'Middle' that expired on {yesterday}; replace it with its renewed certificate")
def an_issuer_that_expired() -> CertificateAndKey:
    middle = authority("Middle", ROOT, valid=(-10, -1))
    return web(make("Web", middle, names=[NAME]), middle.crt + ROOT.crt)


@bad("crt: has an issuer 'Middle' that is not valid before {the day of tomorrow}; wait until then")
def an_issuer_of_tomorrow() -> CertificateAndKey:
    middle = authority("Middle", ROOT, valid=(1, 100))
    return web(make("Web", middle, names=[NAME]), middle.crt + ROOT.crt)


@bad("root: is not a single self-signed certificate; provide only the root; the others belong in crt")
def a_root_that_is_not_one() -> CertificateAndKey:
    return CertificateAndKey(GOOD.crt + REST, GOOD.pem, root=MIDDLE.crt)


@bad(
    "crt: is incomplete: the certificate of 'Root', which issued 'Middle', is missing;"
    " add it after the certificate of 'Middle'"
)
def another_root() -> CertificateAndKey:
    return CertificateAndKey(GOOD.crt + MIDDLE.crt, GOOD.pem, root=OTHER.crt)

"""A good certificate passes; every bad one gets exactly its line; what a private CA is asked for is checked too."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from components.tls.check import CertificateRequirements, check, check_request, covers
from components.tls.plan import USES, CertificateAndKey, CertificateSpec
from tests.support.certificates import NOW, allowed, make
from tests.unit.tls.bad import BAD
from tests.unit.tls.bad.cases import GOOD, MIDDLE, NAME, REST, ROOT, openssl, web

DEMAND = CertificateRequirements(names=[NAME], now=NOW, minimum_days=14)
DAYS = {
    "{yesterday}": f"{NOW - timedelta(days=1):%Y-%m-%d}",
    "{tomorrow}": f"{NOW + timedelta(days=1):%Y-%m-%d %H:%M}",
    "{the day of tomorrow}": f"{NOW + timedelta(days=1):%Y-%m-%d}",
}
REQUEST = CertificateSpec(
    organization="Company", key_type="ecdsa-p256", names=(NAME,), uses=USES,
    validity_days=365, renewal_days=30, ca_validity_days=3650,
)  # fmt: skip


def findings(pair: CertificateAndKey) -> list[str]:
    return check(pair, DEMAND, "here")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_certificate_gets_its_line_and_no_other(case: str) -> None:
    line, maker = BAD[case]
    for placeholder, text in DAYS.items():
        line = line.replace(placeholder, text)
    pair = maker()
    assert findings(pair) == [f"here.{line}"]
    told = " ".join(findings(pair))
    assert not [part for part in pair.key.split() if len(part) > 20 and part in told]


def test_there_are_enough_bad_certificates_and_their_lines_differ() -> None:
    assert len({line for line, _ in BAD.values()}) >= 30


def test_several_things_are_told_at_once() -> None:
    wrong = make("Web", MIDDLE, names=["www.my.company"], uses=None, valid=(-10, -1))
    found = findings(CertificateAndKey(wrong.crt, MIDDLE.pem))
    assert [line.split(":")[0] for line in found] == ["here.crt"] * 4 + ["here.key"]


GOOD_ONES = {
    "a chain with its root": CertificateAndKey(GOOD.crt + REST, GOOD.pem),
    "a root of its own": CertificateAndKey(GOOD.crt + MIDDLE.crt, GOOD.pem, root=ROOT.crt),
    "a root twice": CertificateAndKey(GOOD.crt + REST, GOOD.pem, root=ROOT.crt),
    "directly below the root": web(make("Web", ROOT, names=[NAME]), ROOT.crt),
    "a wildcard": web(make("Web", MIDDLE, names=["*.my.company"])),
    "upper case": web(make("Web", MIDDLE, names=["WEB.My.Company"])),
    "further names": web(make("Web", MIDDLE, names=["a.b", NAME])),
    "a key usage": web(make("Web", MIDDLE, names=[NAME], usage=allowed(digital=True))),
    "RSA": web(make("Web", MIDDLE, names=[NAME], key=rsa.generate_private_key(65537, 2048))),
    "just enough days": web(make("Web", MIDDLE, names=[NAME], valid=(-10, 14))),
    "lines of Windows": CertificateAndKey((GOOD.crt + REST).replace("\n", "\r\n"), GOOD.pem.replace("\n", "\r\n")),
    "words around": CertificateAndKey("Bag Attributes\n" + GOOD.crt + "subject=Middle\n" + REST, "a key:\n" + GOOD.pem),
    "a key in the older form": CertificateAndKey(
        GOOD.crt + REST,
        openssl("ecparam", "-name", "prime256v1")
        + GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
    ),
}


@pytest.mark.parametrize("case", GOOD_ONES)
def test_a_good_certificate_passes(case: str) -> None:
    assert findings(GOOD_ONES[case]) == []


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.b.c", "a.b.c", True),
        ("*.b.c", "a.b.c", True),
        ("*.b.c", "x.a.b.c", False),
        ("*.b.c", "b.c", False),
        ("*.c", "b.c", False),
        ("*", "a", False),
        ("a.*.c", "a.b.c", False),
        ("a*.b.c", "ab.b.c", False),
    ],
)
def test_a_wildcard_stands_for_exactly_one_label(pattern: str, name: str, fits: bool) -> None:  # noqa: FBT001
    assert covers(pattern, name) is fits


def test_a_good_request_passes() -> None:
    assert check_request(REQUEST, DEMAND, "here") == []


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (
            replace(REQUEST, uses=("client_auth",)),
            "here: no use TLS Web Server Authentication; have the certificate issued with it",
        ),
        (
            replace(REQUEST, uses=("server_auth",)),
            "here: no use TLS Web Client Authentication; have the certificate issued with it",
        ),
        (
            replace(REQUEST, names=("www.my.company",)),
            "here: is not valid for web.my.company, but for www.my.company; have it issued for web.my.company",
        ),
        (
            replace(REQUEST, renewal_days=365),
            "here.renewal_days: 365 of 365 days would make every update renew it; write fewer than validity_days",
        ),
        (
            replace(REQUEST, ca_validity_days=395),
            "here.ca_validity_days: 395 would end before certificates that it signs; write 396 or more",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_bad_request_gets_its_line(request_: CertificateSpec, line: str) -> None:
    assert check_request(request_, DEMAND, "here") == [line]

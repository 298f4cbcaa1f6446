"""A good certificate passes, and each bad one gets exactly its line; the spec of a private CA is checked too."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from components.tls.check import CertificateRequirements, check, check_request, covers
from components.tls.plan import USES, CertificateAndKey, CertificateSpec
from tests.support.certificates import NOW, key_usage, make
from tests.unit.tls.bad import BAD
from tests.unit.tls.bad.cases import GOOD, MIDDLE, NAME, REST, ROOT, openssl, web

REQUIREMENTS = CertificateRequirements(names=[NAME], now=NOW, minimum_days=14)
DAYS = {
    "{yesterday}": f"{NOW - timedelta(days=1):%Y-%m-%d}",
    "{tomorrow}": f"{NOW + timedelta(days=1):%Y-%m-%d %H:%M}",
    "{the day of tomorrow}": f"{NOW + timedelta(days=1):%Y-%m-%d}",
}
SPEC = CertificateSpec(
    organization="Company", key_type="ecdsa-p256", names=(NAME,), uses=USES,
    validity_days=365, renewal_days=30, ca_validity_days=3650,
)  # fmt: skip


def findings(pair: CertificateAndKey) -> list[str]:
    return check(pair, REQUIREMENTS, "here")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_certificate_gets_only_its_line(case: str) -> None:
    line, maker = BAD[case]
    for placeholder, text in DAYS.items():
        line = line.replace(placeholder, text)
    pair = maker()
    assert findings(pair) == [f"here.{line}"]
    shown = " ".join(findings(pair))
    assert not [part for part in pair.key.split() if len(part) > 20 and part in shown]


def test_at_least_thirty_bad_certificates_have_different_lines() -> None:
    assert len({line for line, _ in BAD.values()}) >= 30


def test_several_problems_are_reported_at_once() -> None:
    wrong = make("Web", MIDDLE, names=["www.my.company"], uses=None, valid=(-10, -1))
    lines = findings(CertificateAndKey(wrong.crt, MIDDLE.pem))
    assert [line.split(":")[0] for line in lines] == ["here.crt"] * 4 + ["here.key"]


GOOD_ONES = {
    "a chain with its root": CertificateAndKey(GOOD.crt + REST, GOOD.pem),
    "a separate root": CertificateAndKey(GOOD.crt + MIDDLE.crt, GOOD.pem, root=ROOT.crt),
    "a root twice": CertificateAndKey(GOOD.crt + REST, GOOD.pem, root=ROOT.crt),
    "directly below the root": web(make("Web", ROOT, names=[NAME]), ROOT.crt),
    "a wildcard": web(make("Web", MIDDLE, names=["*.my.company"])),
    "upper case": web(make("Web", MIDDLE, names=["WEB.My.Company"])),
    "further names": web(make("Web", MIDDLE, names=["a.b", NAME])),
    "a key usage": web(make("Web", MIDDLE, names=[NAME], usage=key_usage(digital=True))),
    "RSA": web(make("Web", MIDDLE, names=[NAME], key=rsa.generate_private_key(65537, 2048))),
    "just enough days": web(make("Web", MIDDLE, names=[NAME], valid=(-10, 14))),
    "Windows line ends": CertificateAndKey((GOOD.crt + REST).replace("\n", "\r\n"), GOOD.pem.replace("\n", "\r\n")),
    "text around the blocks": CertificateAndKey(
        "Bag Attributes\n" + GOOD.crt + "subject=Middle\n" + REST, "a key:\n" + GOOD.pem
    ),
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
    ("pattern", "name", "matches"),
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
def test_a_wildcard_matches_exactly_one_label(pattern: str, name: str, matches: bool) -> None:  # noqa: FBT001
    assert covers(pattern, name) is matches


def test_a_good_spec_passes() -> None:
    assert check_request(SPEC, REQUIREMENTS, "here") == []


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        (
            replace(SPEC, uses=("client_auth",)),
            "here: lacks the Extended Key Usage TLS Web Server Authentication; have the certificate issued with it",
        ),
        (
            replace(SPEC, uses=("server_auth",)),
            "here: lacks the Extended Key Usage TLS Web Client Authentication; have the certificate issued with it",
        ),
        (
            replace(SPEC, names=("www.my.company",)),
            "here: is not valid for web.my.company, but for www.my.company; have it issued for web.my.company",
        ),
        (
            replace(SPEC, renewal_days=365),
            "here.renewal_days: 365 of 365 days would renew it in every update; write fewer than validity_days",
        ),
        (
            replace(SPEC, ca_validity_days=395),
            "here.ca_validity_days: 395 days end before the certificates that it signs; write 396 or more",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_bad_spec_gets_its_line(spec: CertificateSpec, line: str) -> None:
    assert check_request(spec, REQUIREMENTS, "here") == [line]

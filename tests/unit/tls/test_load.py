"""Loading certificates: files and PEM texts are read, bad ones are refused, and no message contains a key."""

from pathlib import Path
from typing import Any

import pytest

from components.errors import ConfigurationError
from components.tls.load import load_certificate
from components.tls.plan import CertificateAndKey, CertificateSpec
from tests.support.certificates import NOW, SignedCertificate, authority, make
from tests.unit.conftest import make_spec

WHERE = "deephaven:cluster.certificate"
ROOT = authority("Root")
WEB = make("Web", ROOT, names=["h1.lab.internal"])


def loaded(raw: dict[str, Any], project: Path, **certificate: object) -> CertificateAndKey | CertificateSpec | None:
    return load_certificate(make_spec({**raw, "certificate": certificate}).cluster, project=project, now=NOW)


def refused(raw: dict[str, Any], project: Path, **certificate: object) -> list[str]:
    with pytest.raises(ConfigurationError) as refusal:
        loaded(raw, project, **certificate)
    return list(refusal.value.findings)


def written(project: Path, web: SignedCertificate) -> dict[str, object]:
    """Write a certificate and its key to the project, and return the stack's value of `certificate`."""
    (project / "tls.crt").write_text(web.crt + ROOT.crt)
    (project / "tls.key").write_text(web.pem)
    return {"kind": "provided", "crt": {"file": "tls.crt"}, "key": {"file": "tls.key"}}


def test_pem_texts_are_loaded(raw: dict[str, Any], tmp_path: Path) -> None:
    pair = loaded(raw, tmp_path, kind="provided", crt=WEB.crt, root=ROOT.crt, key=WEB.pem)
    assert pair == CertificateAndKey(WEB.crt, WEB.pem, root=ROOT.crt)


def test_files_are_loaded(raw: dict[str, Any], tmp_path: Path) -> None:
    assert loaded(raw, tmp_path, **written(tmp_path, WEB)) == CertificateAndKey(WEB.crt + ROOT.crt, WEB.pem)


def test_other_kinds_need_no_file(raw: dict[str, Any], tmp_path: Path) -> None:
    assert loaded(raw, tmp_path, kind="self-signed") is None
    spec = loaded(raw, tmp_path, kind="private-ca", validity_days=90)
    assert isinstance(spec, CertificateSpec)
    assert (spec.names, spec.validity_days) == (("h1.lab.internal",), 90)


def test_a_missing_file_is_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    findings = refused(raw, tmp_path, **{**written(tmp_path, WEB), "crt": {"file": "none.crt"}, "key": {"file": "."}})
    assert findings == [
        f"{WHERE}.crt.file: cannot read none.crt: No such file or directory; put the PEM file there",
        f"{WHERE}.key.file: cannot read .: it is a directory; name a regular file",
    ]


def test_a_binary_file_is_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    certificate = written(tmp_path, WEB)
    (tmp_path / "tls.crt").write_bytes(b"\x30\x82\xff\x00")
    remedy = "save it as PEM text (openssl converts DER with -inform DER)"
    assert refused(raw, tmp_path, **certificate) == [
        f"{WHERE}.crt.file: cannot read tls.crt: it is not UTF-8 text; {remedy}"
    ]


def test_a_file_that_is_too_large_is_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    certificate = written(tmp_path, WEB)
    (tmp_path / "tls.key").write_bytes(b"MARKER" * 2**18)
    assert refused(raw, tmp_path, **certificate) == [
        f"{WHERE}.key.file: cannot read tls.key: it is larger than 1 MiB; name a file of at most 1 MiB"
    ]


def test_a_certificate_for_another_host_is_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    certificate = written(tmp_path, make("Web", ROOT, names=["h2.lab.internal"], valid=(-1, 20)))
    certificate["minimum_days"] = 30
    assert [line.split(";")[0] for line in refused(raw, tmp_path, **certificate)] == [
        f"{WHERE}.crt: is not valid for h1.lab.internal, but for h2.lab.internal",
        f"{WHERE}.crt: is valid for 20 more days, but 30 are required",
    ]


def test_inconsistent_lifetimes_are_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    findings = refused(raw, tmp_path, kind="private-ca", validity_days=30, renewal_days=30)
    assert [line.split(":")[1] for line in findings] == ["cluster.certificate.renewal_days"]


@pytest.mark.parametrize(
    "key", ["MARKER", "-----BEGIN PRIVATE KEY-----\nMARKER\n-----END PRIVATE KEY-----", "-----BEGIN MARKER"]
)
def test_a_bad_key_is_never_shown(raw: dict[str, Any], tmp_path: Path, key: str) -> None:
    findings = refused(raw, tmp_path, kind="provided", crt=WEB.crt + ROOT.crt, key=key)
    assert len(findings) == 1
    assert "MARKER" not in findings[0]


def test_no_representation_contains_the_key(raw: dict[str, Any], tmp_path: Path) -> None:
    spec = make_spec({**raw, "certificate": {"kind": "provided", "crt": "x", "key": "MARKER"}})
    pair = loaded(raw, tmp_path, **written(tmp_path, WEB))
    assert "MARKER" not in repr(spec)
    assert WEB.pem.splitlines()[1] not in repr(pair)

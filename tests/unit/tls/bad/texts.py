"""Chains that are not valid PEM text."""

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    pkcs7,
)

from components.tls.plan import CertificateAndKey
from tests.unit.tls.bad.cases import GOOD, MIDDLE, REST, ROOT, bad, openssl


@bad("crt: is empty; provide PEM text")
def an_empty_chain() -> CertificateAndKey:
    return CertificateAndKey(" \n", GOOD.pem)


@bad("crt: is not PEM: it lacks a line -----BEGIN ...-----; convert DER with openssl -inform DER")
def der() -> CertificateAndKey:
    return CertificateAndKey(GOOD.certificate.public_bytes(Encoding.DER).decode(errors="replace"), GOOD.pem)


@bad("crt: begins with a byte order mark, which OpenSSL rejects; save it as UTF-8 without one")
def a_byte_order_mark() -> CertificateAndKey:
    return CertificateAndKey("\ufeff" + GOOD.crt + REST, GOOD.pem)


@bad("crt: has indented lines, which OpenSSL rejects; remove the leading spaces")
def indented_lines() -> CertificateAndKey:
    return CertificateAndKey("  " + (GOOD.crt + REST).replace("\n", "\n  "), GOOD.pem)


@bad("crt: is a single line, not PEM text; write {file: PATH} to name a file")
def a_path_for_a_text() -> CertificateAndKey:
    return CertificateAndKey("certificates/tls.crt", GOOD.pem)


@bad("crt: has lost its line breaks; set it from its file: pulumi config set --secret --path KEY <FILE")
def lines_that_became_one() -> CertificateAndKey:
    return CertificateAndKey((GOOD.crt + REST).replace("\n", "\\n"), GOOD.pem)


@bad("crt: is cut off: a -----BEGIN line has no matching -----END line; copy the whole text again")
def a_chain_that_is_cut_off() -> CertificateAndKey:
    return CertificateAndKey((GOOD.crt + REST)[:-40], GOOD.pem)


@bad("crt: is damaged: certificate 2 of 3 cannot be read; copy it again")
def a_damaged_certificate() -> CertificateAndKey:
    lines = MIDDLE.crt.splitlines(keepends=True)
    return CertificateAndKey(GOOD.crt + "".join(lines[:2] + lines[3:]) + ROOT.crt, GOOD.pem)


@bad("crt: contains a private key; move it to key, and rotate it: everyone who saw this text knows it")
def a_key_after_the_chain() -> CertificateAndKey:
    return CertificateAndKey(GOOD.crt + REST + GOOD.pem, GOOD.pem)


@bad("crt: contains a certificate request; provide the certificate that the authority issued for it")
def a_request() -> CertificateAndKey:
    return CertificateAndKey(openssl("req", "-new", "-key", "key", "-subj", "/CN=Web", key=GOOD.pem), GOOD.pem)


@bad("crt: is a PKCS #7 bundle; convert it: openssl pkcs7 -print_certs -in FILE")
def a_pkcs7_bundle() -> CertificateAndKey:
    bundle = pkcs7.serialize_certificates([GOOD.certificate, MIDDLE.certificate], Encoding.PEM)
    return CertificateAndKey(bundle.decode(), GOOD.pem)


@bad("crt: contains a certificate in OpenSSL's TRUSTED format; convert it: openssl x509 -in FILE")
def a_trusted_certificate() -> CertificateAndKey:
    return CertificateAndKey(openssl("x509", "-in", "crt", "-trustout", crt=GOOD.crt) + REST, GOOD.pem)


@bad("crt: contains something other than certificates; provide only certificates")
def parameters_in_the_chain() -> CertificateAndKey:
    return CertificateAndKey(GOOD.crt + REST + openssl("ecparam", "-name", "prime256v1"), GOOD.pem)

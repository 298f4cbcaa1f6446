"""Parses PEM text into certificates and keys, or reports what is wrong with it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BLOCK = re.compile(r"^-----BEGIN ([A-Z0-9 ]+)-----\r?\n(.*?)^-----END \1-----[ \t]*\r?$", re.MULTILINE | re.DOTALL)
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)
# PEM blocks in the place of a certificate, by a part of their label: what is wrong, what to do.
NO_CERTIFICATE = (
    ("PRIVATE KEY", "contains a private key", "move it to key, and rotate it: everyone who saw this text knows it"),
    ("REQUEST", "contains a certificate request", "provide the certificate that the authority issued for it"),
    ("PKCS7", "is a PKCS #7 bundle", "convert it: openssl pkcs7 -print_certs -in FILE"),
    ("TRUSTED", "contains a certificate in OpenSSL's TRUSTED format", "convert it: openssl x509 -in FILE"),
    ("", "contains something other than certificates", "provide only certificates"),
)
# PEM blocks in the place of a private key.
NO_KEY = (
    ("ENCRYPTED", "has a passphrase", "remove it: openssl pkey -in FILE -out NEWFILE"),
    ("OPENSSH", "is in OpenSSH format", "convert a copy: ssh-keygen -p -m PEM -f COPY"),
    ("CERTIFICATE", "contains a certificate", "provide only the private key; the chain belongs in crt"),
    ("PUBLIC KEY", "is a public key", "provide the private key"),
    ("", "contains something other than a private key", "provide only the private key"),
)
KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")
CURVE = "EC PARAMETERS"  # `openssl ecparam -genkey` writes it before the key; readers ignore it


class CertificateError(Exception):
    """PEM text is invalid: what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")


@dataclass(frozen=True)
class Block:
    """One block: its label and its whole text."""

    label: str
    text: str


def blocks(text: str) -> list[Block]:
    """Return the blocks of PEM text, without the text around them; raises CertificateError."""
    if not text.strip():
        raise CertificateError("is empty", "provide PEM text")
    if text.startswith("\ufeff"):
        raise CertificateError("begins with a byte order mark, which OpenSSL rejects", "save it as UTF-8 without one")
    begun = text.count("-----BEGIN ")
    if not begun and text.strip().isprintable():
        raise CertificateError("is a single line, not PEM text", "write {file: PATH} to name a file")
    if not begun:
        raise CertificateError(
            "is not PEM: it lacks a line -----BEGIN ...-----", "convert DER with openssl -inform DER"
        )
    if re.search(r"^[ \t]+-----(BEGIN|END) ", text, re.MULTILINE):
        raise CertificateError("has indented lines, which OpenSSL rejects", "remove the leading spaces")
    if re.search(r"-----BEGIN [A-Z0-9 ]+-----(?!\r?\n)", text):
        raise CertificateError(
            "has lost its line breaks", "set it from its file: pulumi config set --secret --path KEY <FILE"
        )
    parsed = [Block(match[1], match[0]) for match in BLOCK.finditer(text)]
    if len(parsed) != begun:
        raise CertificateError(
            "is cut off: a -----BEGIN line has no matching -----END line", "copy the whole text again"
        )
    return parsed


def certificates(text: str) -> list[x509.Certificate]:
    """Return the certificates of a chain in the order of the text; raises CertificateError."""
    chain = blocks(text)
    for block in chain:
        if block.label != "CERTIFICATE":
            raise _misplaced(block, NO_CERTIFICATE)
    return [_certificate(block, number, len(chain)) for number, block in enumerate(chain, start=1)]


def _certificate(block: Block, number: int, count: int) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(block.text.encode())
        # the library parses these at first use, which must not fail later
        certificate.extensions, certificate.public_key(), certificate.signature_hash_algorithm
    except UNREADABLE:
        raise CertificateError(f"is damaged: certificate {number} of {count} cannot be read", "copy it again") from None
    return certificate


def private_key(text: str) -> PrivateKeyTypes:
    """Return the one private key of the text; raises CertificateError, which never quotes the text."""
    keys = [block for block in blocks(text) if block.label != CURVE]
    for block in keys:
        if block.label not in KEYS:
            raise _misplaced(block, NO_KEY)
        if "Proc-Type: 4,ENCRYPTED" in block.text:
            raise CertificateError(*NO_KEY[0][1:])
    if len(keys) != 1:
        raise CertificateError(f"contains {len(keys)} private keys", "provide only the one of the hosts' certificate")
    try:
        return load_pem_private_key(keys[0].text.encode(), None)
    except UNREADABLE:
        raise CertificateError("is damaged: the key cannot be read", "copy it again") from None


def _misplaced(block: Block, table: Sequence[tuple[str, str, str]]) -> CertificateError:
    return next(CertificateError(what, remedy) for part, what, remedy in table if part in block.label)

"""Private keys that are invalid, or belong to another certificate."""

from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from components.tls.plan import CertificateAndKey
from tests.unit.tls.bad.cases import GOOD, MIDDLE, bad, key


@bad("key: is empty; provide PEM text")
def an_empty_key() -> CertificateAndKey:
    return key("")


@bad("key: is not PEM: it lacks a line -----BEGIN ...-----; convert DER with openssl -inform DER")
def a_key_in_der() -> CertificateAndKey:
    der = GOOD.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return key(der.decode(errors="replace"))


@bad("key: has a passphrase; remove it: openssl pkey -in FILE -out NEWFILE")
def a_key_with_a_passphrase() -> CertificateAndKey:
    locked = BestAvailableEncryption(b"password")
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode())


@bad("key: has a passphrase; remove it: openssl pkey -in FILE -out NEWFILE")
def a_key_with_a_passphrase_in_the_older_format() -> CertificateAndKey:
    locked = BestAvailableEncryption(b"password")
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, locked).decode())


@bad("key: is in OpenSSH format; convert a copy: ssh-keygen -p -m PEM -f COPY")
def a_key_in_openssh_format() -> CertificateAndKey:
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())


@bad("key: contains a certificate; provide only the private key; the chain belongs in crt")
def a_certificate_as_a_key() -> CertificateAndKey:
    return key(GOOD.crt)


@bad("key: is a public key; provide the private key")
def a_public_key() -> CertificateAndKey:
    return key(GOOD.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@bad("key: contains something other than a private key; provide only the private key")
def parameters_after_the_key() -> CertificateAndKey:
    return key(GOOD.pem + "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")


@bad("key: contains 2 private keys; provide only the one of the hosts' certificate")
def two_keys() -> CertificateAndKey:
    return key(GOOD.pem + MIDDLE.pem)


@bad("key: is cut off: a -----BEGIN line has no matching -----END line; copy the whole text again")
def a_key_that_is_cut_off() -> CertificateAndKey:
    return key(GOOD.pem[:-20])


@bad("key: is damaged: the key cannot be read; copy it again")
def a_damaged_key() -> CertificateAndKey:
    lines = GOOD.pem.splitlines(keepends=True)
    return key("".join(lines[:1] + lines[2:]))


@bad("key: does not match the hosts' certificate; provide the key of that certificate")
def a_key_of_another_certificate() -> CertificateAndKey:
    return key(MIDDLE.pem)


@bad("key: does not match the hosts' certificate; provide the key of that certificate")
def a_key_of_another_type() -> CertificateAndKey:
    short = dsa.generate_private_key(1024)  # noqa: S505 - the case
    return key(short.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

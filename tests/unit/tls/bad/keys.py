"""Private keys that do not fit."""

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


@bad("key: is empty; give PEM text")
def an_empty_key() -> CertificateAndKey:
    return key("")


@bad("key: is not PEM: no line is -----BEGIN ...-----; convert DER by openssl with -inform DER")
def a_key_in_der() -> CertificateAndKey:
    der = GOOD.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return key(der.decode(errors="replace"))


@bad("key: has a password; take it off: openssl pkey -in FILE -out NEWFILE")
def a_key_with_a_password() -> CertificateAndKey:
    locked = BestAvailableEncryption(b"password")
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode())


@bad("key: has a password; take it off: openssl pkey -in FILE -out NEWFILE")
def a_key_with_a_password_in_the_older_form() -> CertificateAndKey:
    locked = BestAvailableEncryption(b"password")
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, locked).decode())


@bad("key: is in OpenSSH's own form; convert a copy: ssh-keygen -p -m PEM -f COPY")
def a_key_in_the_form_of_openssh() -> CertificateAndKey:
    return key(GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())


@bad("key: holds a certificate; provide only the private key; the chain belongs in crt")
def a_certificate_as_a_key() -> CertificateAndKey:
    return key(GOOD.crt)


@bad("key: is a public key; give the private key")
def a_public_key() -> CertificateAndKey:
    return key(GOOD.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@bad("key: holds something else than a private key; provide only the private key")
def parameters_beside_the_key() -> CertificateAndKey:
    return key(GOOD.pem + "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")


@bad("key: holds 2 private keys; provide only the one of the hosts' certificate")
def two_keys() -> CertificateAndKey:
    return key(GOOD.pem + MIDDLE.pem)


@bad("key: is cut off: a line -----BEGIN has no -----END that fits; copy the whole text again")
def a_key_that_is_cut_off() -> CertificateAndKey:
    return key(GOOD.pem[:-20])


@bad("key: is damaged: the key cannot be read; copy it again")
def a_damaged_key() -> CertificateAndKey:
    lines = GOOD.pem.splitlines(keepends=True)
    return key("".join(lines[:1] + lines[2:]))


@bad("key: does not belong to the hosts' certificate; give the key that it was made for")
def a_key_of_another_certificate() -> CertificateAndKey:
    return key(MIDDLE.pem)


@bad("key: does not belong to the hosts' certificate; give the key that it was made for")
def a_key_of_another_type() -> CertificateAndKey:
    short = dsa.generate_private_key(1024)  # noqa: S505 - that is the point
    return key(short.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

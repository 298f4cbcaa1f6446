"""What the kind of web certificate means for the vendor's scripts (guide, steps 13 and 18).

Pure. A provided certificate will make the flags differ: the profile has a script entry for each kind.
"""

from components.topology.config import Certificate


def keygen(certificate: Certificate) -> str:
    """Return the profile's entry of iris_keygen.sh for a kind of certificate."""
    return {"self-signed": "keygen_self_signed"}[certificate.kind]


def cus(certificate: Certificate) -> str:
    """Return the profile's entry of cus_init.sh for a kind of certificate."""
    return {"self-signed": "cus_insecure"}[certificate.kind]

"""The parts of bad certificates, a good certificate, and the registry of bad ones."""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.tls.plan import CertificateAndKey
from tests.support.certificates import SignedCertificate, authority, make

NAME = "web.my.company"
ROOT = authority("Root")
MIDDLE = authority("Middle", ROOT)
GOOD = make("Web", MIDDLE, names=[NAME])
REST = MIDDLE.crt + ROOT.crt
OTHER = authority("Other")
BAD: dict[str, tuple[str, Callable[[], CertificateAndKey]]] = {}


@dataclass(frozen=True)
class bad:  # noqa: N801 - reads as a decorator
    """Register a function that creates a bad certificate, with the expected line."""

    line: str

    def __call__(self, maker: Callable[[], CertificateAndKey]) -> Callable[[], CertificateAndKey]:
        """Register the function under its name."""
        BAD[maker.__name__.replace("_", " ")] = (self.line, maker)
        return maker


def web(made: SignedCertificate, rest: str = REST) -> CertificateAndKey:
    """Return a certificate with the chain of the good certificate."""
    return CertificateAndKey(made.crt + rest, made.pem)


def chain(*parts: SignedCertificate) -> CertificateAndKey:
    """Return these certificates as a chain, with the good certificate's key."""
    return CertificateAndKey("".join(part.crt for part in parts), GOOD.pem)


def key(text: str) -> CertificateAndKey:
    """Return the good chain with another key text."""
    return CertificateAndKey(GOOD.crt + REST, text)


def openssl(*arguments: str, **files: str) -> str:
    """Return the output of openssl, which reads the given texts as files."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            (Path(directory) / name).write_text(text)
        done = subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, text=True, check=True)
        return done.stdout

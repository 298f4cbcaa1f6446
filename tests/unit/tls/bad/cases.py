"""What bad certificates are made of: a good one, and the register of bad ones."""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.tls.plan import CertificateAndKey
from tests.support.certificates import Made, authority, make

NAME = "web.my.company"
ROOT = authority("Root")
MIDDLE = authority("Middle", ROOT)
GOOD = make("Web", MIDDLE, names=[NAME])
REST = MIDDLE.crt + ROOT.crt
OTHER = authority("Other")
BAD: dict[str, tuple[str, Callable[[], CertificateAndKey]]] = {}


@dataclass(frozen=True)
class bad:  # noqa: N801 - reads as a decorator
    """Register a maker of a bad certificate with the line that is said of it."""

    line: str

    def __call__(self, maker: Callable[[], CertificateAndKey]) -> Callable[[], CertificateAndKey]:
        """Keep the maker under its name."""
        BAD[maker.__name__.replace("_", " ")] = (self.line, maker)
        return maker


def web(made: Made, rest: str = REST) -> CertificateAndKey:
    """Return a certificate with the chain of the good one."""
    return CertificateAndKey(made.crt + rest, made.pem)


def chain(*parts: Made) -> CertificateAndKey:
    """Return the good certificate with these certificates as its chain."""
    return CertificateAndKey("".join(part.crt for part in parts), GOOD.pem)


def key(text: str) -> CertificateAndKey:
    """Return the good chain with another text as its key."""
    return CertificateAndKey(GOOD.crt + REST, text)


def openssl(*arguments: str, **files: str) -> str:
    """Return what openssl prints about some texts, which it reads as files."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            (Path(directory) / name).write_text(text)
        done = subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, text=True, check=True)
        return done.stdout

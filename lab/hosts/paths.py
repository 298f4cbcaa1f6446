"""Where the lab keeps what it generates."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build"
STATE = HERE.parent / ".state"

APT_SOURCES = BUILD / "hosts.sources"
"""The sources of Debian packages that all of this is built from."""

BASE = BUILD / "base"
"""The root file system under all hosts of all labs; nothing may change it while a host exists."""

OPENSUSE = "opensuse"
"""What hosts can be dressed as, by a layer over the base; the name is that of the stack files."""

DEBS = BUILD / "debs"
"""What the build of the base fetched for the packages below."""

PACKAGES = BUILD / "packages"
"""The yum repository that every host sees as /srv/labrepo."""

RUN = Path("/run/deephaven-lab")
"""What one machine's labs share, whichever checkout they come from; gone after a reboot, as the labs' processes are."""


def dress_layer(dress: str) -> Path:
    """Return the layer over the base that dresses a host as another system."""
    return BUILD / dress

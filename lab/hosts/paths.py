"""The paths of generated files."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build"
STATE = HERE.parent / ".state"

APT_SOURCES = BUILD / "hosts.sources"
"""The sources of the Debian packages that base, layers and RPMs are built from."""

BASE = BUILD / "base"
"""The root file system under all hosts of all labs; nothing may change it while a host exists."""

OPENSUSE = "opensuse"
"""The name of the OS image that is a layer over the base; stack files use the same name."""

DEBS = BUILD / "debs"
"""The .deb files that the build of the base downloads for the packages below."""

PACKAGES = BUILD / "packages"
"""The yum repository that every host sees as /srv/labrepo."""

RUN = Path("/run/deephaven-lab")
"""State that all labs of a machine share, from any checkout; a reboot removes it together with the labs' processes."""


def os_image_layer(os_image: str) -> Path:
    """Return the layer over the base that makes up an OS image."""
    return BUILD / os_image

"""Where the lab keeps what it generates."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build"
STATE = HERE.parent / ".state"

BASE = BUILD / "base"
"""The root file system under all hosts of all labs; nothing may change it while a host exists."""

DEBS = BUILD / "debs"
"""What the build of the base fetched for the packages below."""

PACKAGES = BUILD / "packages"
"""The yum repository that every host sees as /srv/labrepo."""

RUN = Path("/run/deephaven-lab")
"""What one machine's labs share, whichever checkout they come from; gone after a reboot, as the labs' processes are."""

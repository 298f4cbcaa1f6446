"""Finds the engine: on PATH, else downloaded by Pulumi's own installer, else built here."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.engine import build, official
from lab.engine.errors import EngineError
from lab.engine.paths import BIN, HOME, OFFICIAL
from lab.engine.pieces import VERSION

OLDEST = tuple(map(int, VERSION.split(".")))


@dataclass(frozen=True)
class Engine:
    """One engine that fits: where it is and which of the three ways led to it."""

    directory: Path
    source: str

    def described(self) -> str:
        """Say in one line what will run."""
        kinds = {
            "path": f"pulumi on PATH ({self.directory}); it downloads its plugins itself",
            "official": f"pulumi {VERSION} by its own installer ({self.directory}); it downloads its plugins itself",
            "build": f"pulumi {VERSION} built here ({self.directory}), with plugins that stand in for the real ones",
        }
        return kinds[self.source]

    def environment(self, backend: Path, passphrase: str = "lab") -> dict[str, str]:  # noqa: S107 (a lab's own stacks)
        """Give the variables of a run on a file backend, without a login; for the lab only.

        The built engine has a home of its own, so that no other engine ever finds the plugins that stand in.
        """
        variables = {
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_CONFIG_PASSPHRASE": passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_CREDENTIAL_STORE": "plaintext",
        }
        if self.source != "build":
            return variables | {"PULUMI_HOME": str(OFFICIAL / "home")}
        return variables | {"PULUMI_HOME": str(HOME), "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}


def find(say: Callable[[str], None] = lambda _: None) -> Engine:
    """Give the engine; fetch or build it when there is none yet."""
    there = on_path() or fetched() or built()
    if there:
        return there
    try:
        official.install(OFFICIAL)
    except EngineError as error:
        say(f"{error}; building it instead (some minutes)")
        for line in build.build():
            say(line)
        return Engine(BIN, "build")
    return Engine(OFFICIAL / "bin", "official")


def on_path() -> Engine | None:
    """Give the user's own pulumi if it is new enough and has its language host."""
    binary = shutil.which("pulumi")
    if binary is None or Path(binary).parent.resolve() == BIN:
        return None
    host = Path(binary).resolve().with_name("pulumi-language-python")
    if not fits(version(binary)) or not (host.exists() or shutil.which(host.name)):
        return None
    return Engine(Path(binary).parent, "path")


def fetched() -> Engine | None:
    """Give what the installer left, if it was finished."""
    binary = OFFICIAL / "bin/pulumi"
    return Engine(binary.parent, "official") if binary.exists() and fits(version(str(binary))) else None


def built() -> Engine | None:
    """Give the build, brought up to date with its sources."""
    if not build.complete():
        return None
    build.build()
    return Engine(BIN, "build")


def version(binary: str) -> str:
    """Ask a pulumi for its version; empty when it does not run."""
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [binary, "version"], env=environment, capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def fits(text: str) -> bool:
    """Say whether a version is the SDK's or a newer one of the same major."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        return False
    numbers = tuple(map(int, match.groups()))
    return numbers[0] == OLDEST[0] and numbers >= OLDEST

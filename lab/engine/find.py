"""Finds the engine: on PATH, or downloads it with Pulumi's own installer, or builds it."""

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
from lab.engine.programs import VERSION

OLDEST = tuple(map(int, VERSION.split(".")))


@dataclass(frozen=True)
class Engine:
    """A compatible engine: its directory and its source."""

    directory: Path
    source: str

    def described(self) -> str:
        """Return a description of the engine in one line."""
        kinds = {
            "path": f"pulumi on PATH ({self.directory}); it downloads its plugins itself",
            "official": f"pulumi {VERSION} from its own installer ({self.directory}); it downloads its plugins itself",
            "build": f"pulumi {VERSION} built here ({self.directory}), with fakes of the plugins",
        }
        return kinds[self.source]

    def environment(self, backend: Path, passphrase: str = "lab") -> dict[str, str]:  # noqa: S107 (a lab's own stacks)
        """Return the variables of a run on a file backend, without a login; only for the lab.

        The built engine has its own home, so that no other engine ever finds the fake plugins.
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


def find(report: Callable[[str], None] = lambda _: None) -> Engine:
    """Return the engine; download or build it if there is none yet."""
    engine = on_path() or downloaded() or built()
    if engine:
        return engine
    try:
        official.install(OFFICIAL)
    except EngineError as error:
        report(f"{error}; building it instead (some minutes)")
        for line in build.build():
            report(line)
        return Engine(BIN, "build")
    return Engine(OFFICIAL / "bin", "official")


def on_path() -> Engine | None:
    """Return the user's own pulumi if it is compatible and has its language host."""
    binary = shutil.which("pulumi")
    if binary is None or Path(binary).parent.resolve() == BIN:
        return None
    host = Path(binary).resolve().with_name("pulumi-language-python")
    if not fits(version(binary)) or not (host.exists() or shutil.which(host.name)):
        return None
    return Engine(Path(binary).parent, "path")


def downloaded() -> Engine | None:
    """Return the installer's engine if its installation is complete."""
    binary = OFFICIAL / "bin/pulumi"
    return Engine(binary.parent, "official") if binary.exists() and fits(version(str(binary))) else None


def built() -> Engine | None:
    """Return the built engine, after an update from its sources."""
    if not build.complete():
        return None
    build.build()
    return Engine(BIN, "build")


def version(binary: str) -> str:
    """Return the version that a pulumi reports, or an empty text if it does not run."""
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run(
            [binary, "version"], env=environment, capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip()


def fits(text: str) -> bool:
    """Return whether a version is the SDK's, or a newer one with the same major number."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        return False
    numbers = tuple(map(int, match.groups()))
    return numbers[0] == OLDEST[0] and numbers >= OLDEST

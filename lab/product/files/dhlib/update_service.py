"""The client update service: lighttpd over a web root that is rebuilt at each start from local files and from etcd."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from . import vocabulary
from .settings import DependencyDownError, Settings

CONFIG = vocabulary.CONF / "client_update_service/lighttpd.conf"
ROOT = Path("/var/www/lighttpd/iris/iris")
BACKUPS = Path("/var/www/lighttpd/backups")
KEPT = 3


def is_own(pid: int) -> bool:
    """Return whether a process is the service's lighttpd."""
    return str(CONFIG).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()


def write(root: Path, settings: Settings) -> None:
    """Write the files that clients download: those of this build, and the servers' endpoints from etcd."""
    shutil.copytree(vocabulary.ROOT / "java_lib", root / "java_lib")
    endpoints = {key: value for key, value in sorted(settings.properties.items()) if ".host" in key or ".port" in key}
    (root / "endpoints.json").write_text(json.dumps(endpoints, indent=1))
    lines = {"build": vocabulary.BUILD, "endpoints_revision": settings.endpoints_revision}
    (root / "getdown.txt").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
    (root / "index.html").write_text(
        f"<!DOCTYPE html><title>Deephaven client update service {vocabulary.BUILD}</title>"
    )


def rebuild(settings: Settings) -> None:
    """Replace the web root with a new one, and move the old one to the backups."""
    if not CONFIG.exists():
        raise DependencyDownError(f"{CONFIG} is missing: run cus_init.sh")
    new = ROOT.with_name("iris.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write(new, settings)
    BACKUPS.mkdir(parents=True, exist_ok=True)
    if ROOT.exists():
        ROOT.rename(BACKUPS / f"iris.{datetime.now(UTC):%Y%m%d-%H%M%S.%f}")
    new.rename(ROOT)
    for old in sorted(BACKUPS.glob("iris.*"))[:-KEPT]:
        shutil.rmtree(old)


def exec_lighttpd() -> None:
    """Replace this process with lighttpd in the foreground, so that monit's pid file stays valid."""
    os.execv("/sbin/lighttpd", ["/sbin/lighttpd", "-D", "-f", str(CONFIG)])  # noqa: S606 - a shell would change the process id

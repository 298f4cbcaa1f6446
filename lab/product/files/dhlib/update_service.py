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
    """Say whether a process is the service's lighttpd."""
    return str(CONFIG).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()


def write(root: Path, known: Settings) -> None:
    """Write what clients download: files of this build, and what etcd says of the servers."""
    shutil.copytree(vocabulary.ROOT / "java_lib", root / "java_lib")
    endpoints = {key: value for key, value in sorted(known.properties.items()) if ".host" in key or ".port" in key}
    (root / "endpoints.json").write_text(json.dumps(endpoints, indent=1))
    lines = {"build": vocabulary.BUILD, "endpoints_revision": known.endpoints_revision}
    (root / "getdown.txt").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
    (root / "index.html").write_text(
        f"<!DOCTYPE html><title>Deephaven client update service {vocabulary.BUILD}</title>"
    )


def rebuild(known: Settings) -> None:
    """Put a new web root in the place of the old one, which goes to the backups."""
    if not CONFIG.exists():
        raise DependencyDownError(f"{CONFIG} is missing: run cus_init.sh")
    new = ROOT.with_name("iris.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write(new, known)
    BACKUPS.mkdir(parents=True, exist_ok=True)
    if ROOT.exists():
        ROOT.rename(BACKUPS / f"iris.{datetime.now(UTC):%Y%m%d-%H%M%S.%f}")
    new.rename(ROOT)
    for old in sorted(BACKUPS.glob("iris.*"))[:-KEPT]:
        shutil.rmtree(old)


def become_lighttpd() -> None:
    """Go on as lighttpd, in the foreground and under the process id that monit knows."""
    os.execv("/sbin/lighttpd", ["/sbin/lighttpd", "-D", "-f", str(CONFIG)])  # noqa: S606 - that is the purpose

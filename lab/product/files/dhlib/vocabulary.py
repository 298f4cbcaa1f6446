"""The names, places and flags this build of the stand-in was made with."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT.name
CONF = Path("/etc/sysconfig/deephaven")
AUTH = CONF / "auth"
SITE = Path("/etc/sysconfig/illumon.d")
RUN = Path("/run/deephaven")
LOGS = Path("/var/log/deephaven")


def words() -> dict[str, Any]:
    """Give the installed vocabulary."""
    found: dict[str, Any] = json.loads((ROOT / "etc/vocabulary.json").read_text())
    return found


@dataclass(frozen=True)
class Service:
    """How one service is called here."""

    name: str
    port: int
    log: str


def service(kind: str) -> Service:
    """Give the words for a kind of service."""
    return Service(**words()["services"][kind])


def kind_of(name: str) -> str:
    """Give the kind of the service that monit calls ``name``."""
    for kind, service in words()["services"].items():
        if service["name"] == name:
            return str(kind)
    raise SystemExit(f"there is no service {name}")

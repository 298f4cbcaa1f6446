"""The names, paths and flags of this build of the fake product."""

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


def load() -> dict[str, Any]:
    """Return the installed vocabulary."""
    names: dict[str, Any] = json.loads((ROOT / "etc/vocabulary.json").read_text())
    return names


@dataclass(frozen=True)
class Service:
    """The name, port and log directory of one service."""

    name: str
    port: int
    log: str


def service(kind: str) -> Service:
    """Return the service of a kind."""
    return Service(**load()["services"][kind])


def kind_of(name: str) -> str:
    """Return the kind of the service with the name ``name``."""
    for kind, service in load()["services"].items():
        if service["name"] == name:
            return str(kind)
    raise SystemExit(f"there is no service {name}")

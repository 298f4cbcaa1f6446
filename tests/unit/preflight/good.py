"""Three hosts that meet every requirement, based on recorded ones; each test breaks one property."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Account, Clock, Facts, Filesystem
from components.release.spec import DeploymentSpec
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec
from tests.unit.facts.records import facts

GIB = 2**30
NAMES = {"infra": "h1.lab.internal", "query1": "h2.lab.internal", "query2": "h3.lab.internal"}
ADDRESSES = {"infra": "10.77.0.11", "query1": "10.77.0.12", "query2": "10.77.0.13"}
IDS = {"irisadmin": Account(uid=801, gid=801), "dbquery": Account(uid=802, gid=802)}


def spec(raw: Mapping[str, Any], change: Mapping[str, Any] | None = None) -> DeploymentSpec:
    """Return a production deployment spec of three hosts, all etcd members, with a change merged in."""
    hosts = {key: {"fqdn": NAMES[key], "ip": ADDRESSES[key], "roles": ["query"]} for key in ("query1", "query2")}
    three = {"hosts": hosts, "etcd": list(NAMES), "environment": "production"}
    return make_spec(changed(changed({**raw, "requirements": {}}, three), change or {}))


def good() -> dict[str, Facts]:
    """Return facts of three hosts, by key."""
    return {key: _good(key, number) for number, key in enumerate(NAMES, start=1)}


def _good(key: str, number: int) -> Facts:
    bare = facts("query")
    system = replace(
        bare.system,
        memory=512 * GIB,
        open_files=100_000,
        host_name=NAMES[key],
        machine_id=f"{number:032d}",
        clock=Clock(low=-0.05, high=0.05),
    )
    filesystems = {
        path: replace(filesystem, free=500 * GIB, kind="xfs") for path, filesystem in bare.filesystems.items()
    }
    return replace(
        bare,
        system=system,
        filesystems={**filesystems, "/db/Systems": export()},
        java="1.8.0_242",
        accounts=IDS,
        peers={f"{ADDRESSES[peer]}/{port}": "refused" for peer in NAMES if peer != key for port in (2379, 2380)},
    )


def export(**other: Any) -> Filesystem:  # noqa: ANN401 - fields of a file system
    """Return the file system of a shared directory on an NFS client."""
    base = Filesystem(
        path="/db/Systems", inode="128", changed="2026-01-01 00:00:00.123456789 +0000", size=9 * 1024 * GIB,
        free=500 * GIB, kind="nfs4", source="nas:/systems", mounted_at="/db/Systems",
    )  # fmt: skip
    return replace(base, **other)

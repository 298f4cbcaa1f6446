"""Facts and manifests of an installed cluster, which tests of safety checks share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Facts, HostFacts, Receipt, Unit
from components.release.spec import DeploymentSpec
from components.safety.checks import check_safety
from components.safety.finding import SafetyFinding
from components.safety.manifests import FoundManifest
from components.topology.manifest import Manifest
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec, raw_of
from tests.unit.facts.records import facts as recorded_facts

EMPTY = replace(recorded_facts("query"), receipts={}, product="", etcd_data=(), manifest=None)
DONE = Receipt()
RUNS = Unit(enabled="enabled", active="active")


def declared(change: Mapping[str, Any]) -> DeploymentSpec:
    """Return the three-host stack's deployment spec with a change merged into its configuration."""
    return make_spec(changed(raw_of("production"), change))


def findings(
    spec: DeploymentSpec, facts: Mapping[str, HostFacts], recorded: Manifest | None, *, preview: bool = False
) -> list[SafetyFinding]:
    """Return the safety findings with a manifest, or without one."""
    return check_safety(spec, facts, FoundManifest(manifest=recorded), preview=preview)


def host(*steps: str) -> Facts:
    """Return a host on which steps succeeded and etcd runs."""
    return replace(EMPTY, receipts=dict.fromkeys(steps, DONE), units={"dh-etcd": RUNS})


def cluster(**other: HostFacts) -> Mapping[str, HostFacts]:
    """Return the facts of an installed cluster, with replaced facts of some hosts."""
    whole = {
        "infra": host("etcd-config", "etcd-enable", "keygen"),
        "query1": host("etcd-config", "etcd-enable", "auth"),
        "query2": host("etcd-config", "etcd-enable", "auth"),
    }
    return {**whole, **other}

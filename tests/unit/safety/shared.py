"""What tests of refusals share: an installed cluster as facts and record tell it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Facts, HostFacts, Receipt, Unit
from components.release.spec import DeploymentSpec
from components.safety.checks import check_safety as judged
from components.safety.finding import SafetyFinding
from components.safety.manifests import FoundManifest
from components.topology.manifest import Manifest
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec, raw_of
from tests.unit.facts.records import facts as recorded

EMPTY = replace(recorded("query"), receipts={}, product="", etcd_data=(), manifest=None)
DONE = Receipt()
RUNS = Unit(enabled="enabled", active="active")


def declared(change: Mapping[str, Any]) -> DeploymentSpec:
    """Return the three-host stack's site with a change laid over its configuration."""
    return make_spec(changed(raw_of("production"), change))


def found(
    spec: DeploymentSpec, facts: Mapping[str, HostFacts], known: Manifest | None, *, preview: bool = False
) -> list[SafetyFinding]:
    """Return what is refused with a record that counts, or with none."""
    return judged(spec, facts, FoundManifest(manifest=known), preview=preview)


def host(*steps: str) -> Facts:
    """Return a host on which steps succeeded and etcd runs."""
    return replace(EMPTY, receipts=dict.fromkeys(steps, DONE), units={"dh-etcd": RUNS})


def cluster(**other: HostFacts) -> Mapping[str, HostFacts]:
    """Return the facts of an installed cluster, some hosts' other ones."""
    whole = {
        "infra": host("etcd-config", "etcd-enable", "keygen"),
        "query1": host("etcd-config", "etcd-enable", "auth"),
        "query2": host("etcd-config", "etcd-enable", "auth"),
    }
    return {**whole, **other}

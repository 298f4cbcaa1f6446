"""What tests of refusals share: an installed cluster as facts and record tell it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Facts, HostFacts, Receipt, Unit
from components.release.spec import Site
from components.safety.checks import refusals as judged
from components.safety.recorded import Recorded
from components.safety.refusal import Refusal
from components.topology.manifest import Record
from tests.unit.config.cases import changed
from tests.unit.conftest import make_site, raw_of
from tests.unit.facts.records import facts as recorded

EMPTY = replace(recorded("query"), receipts={}, product="", etcd_data=(), record=None)
DONE = Receipt()
RUNS = Unit(enabled="enabled", active="active")


def declared(change: Mapping[str, Any]) -> Site:
    """Return the three-host stack's site with a change laid over its configuration."""
    return make_site(changed(raw_of("production"), change))


def found(site: Site, facts: Mapping[str, HostFacts], known: Record | None, *, preview: bool = False) -> list[Refusal]:
    """Return what is refused with a record that counts, or with none."""
    return judged(site, facts, Recorded(record=known), preview=preview)


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

"""Hosts with and without cluster records, and the lines that are refused of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.facts.model import Damaged, Facts, HostFacts, Unknown
from components.release.spec import Site
from components.safety import recorded as module
from components.safety.checks import refusals
from components.safety.recorded import Recorded
from components.topology.manifest import Record, RecordFile
from tests.unit.safety.shared import DONE, EMPTY, cluster

OLD, NEW = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"
FUTURE = "9999-12-31T23:59:59Z"
FILE = "/var/lib/deephaven-install/cluster.json"
INFRA, QUERY1, QUERY2 = "infra (h1.lab.internal)", "query1 (h2.lab.internal)", "query2 (h3.lab.internal)"
TWO = {"config_servers": ["infra", "query1"], "services": {"acl_database": "infra"}}
SILENT = Unknown("no answer", "look")
BEGUN = RecordFile(written=OLD, state="begun")
BROKEN = Damaged("Invalid JSON: EOF while parsing a value at line 1 column 0")
HARM = "so it is not known what an update would harm"
DAMAGED = (
    f"{INFRA}: the cluster record {FILE} cannot be read ({BROKEN.reason}), {HARM}; restore it from a backup or from"
    " another configuration server; to go on without it: allow: [{refusal: record, host: infra, reason: WHY}]"
)
MISSING = (
    f"{INFRA}: the cluster was installed, and its record {FILE} is missing or was begun again, {HARM}; restore it from"
    " a backup; to go on without it: allow: [{refusal: record, host: infra, reason: WHY}]"
)
UNREAD = (
    f"{INFRA}: the host cannot be read, and no other configuration server has the cluster record, {HARM}; bring the"
    " host up, or raise facts.timeout, then run pulumi up again"
)
OTHER = (
    f"{QUERY2}: this host has a cluster record {FILE} and no declared configuration server has one; name the former"
    " configuration server under config_servers, or remove the file there if it is of another cluster; to let this"
    " record count: allow: [{refusal: record, host: query2, reason: WHY}]"
)


def complete(release: str = "1.20200121.008-1", written: str = OLD, **other: Any) -> RecordFile:  # noqa: ANN401 - fields
    return RecordFile(written=written, state="complete", cluster=Record(release=release, **other))


NEWER = complete("1.20200121.012-1")


def holding(record: RecordFile | Damaged | None, *receipts: str, host: Facts = EMPTY) -> Facts:
    """Return a host with a record and further receipts."""
    return replace(host, record=record, receipts={**host.receipts, **dict.fromkeys(receipts, DONE)})


def installed(record: RecordFile | Damaged | None, *receipts: str, **others: HostFacts) -> Mapping[str, HostFacts]:
    """Return an installed cluster whose configuration server has a record, with other facts of some hosts."""
    infra = cluster()["infra"]
    assert isinstance(infra, Facts)
    return cluster(infra=holding(record, *receipts, host=infra), **others)


def bare(**others: HostFacts) -> Mapping[str, HostFacts]:
    return {**dict.fromkeys(("infra", "query1", "query2"), EMPTY), **others}


def allowed(host: str) -> Mapping[str, Any]:
    return {"allow": [{"refusal": "record", "host": host, "reason": "agreed on with the team"}]}


def recorded(site: Site, facts: Mapping[str, HostFacts]) -> Recorded:
    """Return what is known, in tuples alone, so that it can be compared."""
    known = module.recorded(site, facts)
    return Recorded(
        record=known.record,
        refusals=tuple(known.refusals),
        doubts=tuple(known.doubts),
        reports=tuple(known.reports),
    )


def found(site: Site, facts: Mapping[str, HostFacts], *, preview: bool) -> list[str]:
    """Return what is refused, as lines."""
    return [one.line for one in refusals(site, facts, recorded(site, facts), preview=preview)]


def names(site: Site, facts: Mapping[str, HostFacts], *, preview: bool) -> list[str]:
    """Return what is refused, by name."""
    return [one.name for one in refusals(site, facts, recorded(site, facts), preview=preview)]

"""All refusals of an update, with those taken out that the stack lifts. Pure.

Judged from live facts and the cluster record, which the last successful update left on every configuration server.
"""

from collections.abc import Mapping

from components.changes import identity, leaving, members
from components.changes.refusal import Refusal
from components.host.facts.model import Facts, HostFacts
from components.release.site import Site
from components.topology.record import Record

MAKERS = ("twice", "unread")


def record(facts: Mapping[str, HostFacts]) -> Record | None:
    """Return the newest cluster record that a host holds."""
    held = [host.record for host in facts.values() if isinstance(host, Facts) and host.record]
    newest = max(held, key=lambda one: str(one.get("written", "")), default={})
    found = newest.get("cluster")
    return Record.read(found) if isinstance(found, Mapping) else None


def refusals(site: Site, facts: Mapping[str, HostFacts], known: Record | None, *, preview: bool) -> list[Refusal]:
    """Return each thing that must not be done and that the stack does not allow.

    A preview goes on where only an unreadable host stands in the way.
    """
    allowed = {allowance.refusal for allowance in site.cluster.config.allow}
    found = list(members.judge(site, facts, known))
    # Where another host is named as the maker, what that one lacks is no finding of its own.
    named = not {one.name for one in found} & {"etcd-members", "primary"}
    found += [one for one in identity.judge(site, facts, known, preview=preview) if named or one.name not in MAKERS]
    if known:
        found += leaving.judge(site, known)
    return [one for one in found if one.name not in allowed]

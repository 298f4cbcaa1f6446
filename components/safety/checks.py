"""All refusals of an update, with those taken out that the stack lifts. Pure.

Judged from live facts and the cluster record, which the last successful update left on every configuration server.
"""

from collections.abc import Mapping

from components.facts.model import HostFacts
from components.release.spec import Site
from components.safety import identity, leaving, members
from components.safety.recorded import Recorded
from components.safety.refusal import Refusal

MAKERS = ("twice", "unread")


def refusals(site: Site, facts: Mapping[str, HostFacts], known: Recorded, *, preview: bool) -> list[Refusal]:
    """Return each thing that must not be done and that the stack does not allow.

    A preview goes on where only an unreadable host or record is in the way.
    """
    allowed = {allowance.refusal for allowance in site.cluster.config.allow} - {"record"}
    found = list(members.judge(site, facts, known.record))
    # Where another host is named as the maker, what that one lacks is no finding of its own.
    named = not {one.name for one in found} & {"etcd-members", "primary"}
    found += [
        one for one in identity.judge(site, facts, known.record, preview=preview) if named or one.name not in MAKERS
    ]
    if known.record:
        found += leaving.judge(site, known.record)
    found += known.refusals if preview else [*known.refusals, *known.doubts]
    return [one for one in found if one.name not in allowed]

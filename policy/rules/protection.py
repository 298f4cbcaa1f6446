"""Rule protection: in production the engine refuses to delete a host that holds state."""

from collections.abc import Iterator, Sequence

from policy.rules.seen import Finding, Given, Resource
from policy.rules.tokens import ANCHOR

KINDS = {"etcd": "a member of etcd", "acl_database": "the ACL database", "dis": "imported data"}
LEAVES = {"retire", "lost"}  # what a host is declared before it goes


def judge(resources: Sequence[Resource], _given: Given) -> Iterator[Finding]:
    """Yield each host with state whose anchor is not protected, unless the stack says that it leaves."""
    protected = {one.name.removesuffix(ANCHOR): one.protected for one in resources if one.name.endswith(ANCHOR)}
    for topology in (one.topology for one in resources if one.topology):
        if topology["environment"] != "production":
            continue
        for key, host in sorted(topology["hosts"].items()):
            if host["state"] and not LEAVES & set(host["declared"]) and not protected.get(key):
                held = " and ".join(KINDS.get(kind, kind) for kind in host["state"])
                what = f"holds {held} and is not protected: one wrong edit of the stack deletes it"
                yield Finding(f"{key} ({host['fqdn']})", what, "take protect: false away")

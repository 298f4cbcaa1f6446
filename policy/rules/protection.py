"""Rule protection: in production, Pulumi refuses to delete a host that holds state."""

from collections.abc import Iterator, Sequence

from policy.rules.model import Finding, Resource, RuleContext
from policy.rules.tokens import HOST

KINDS = {"etcd": "a member of etcd", "acl_database": "the ACL database", "dis": "imported data"}
REMOVED = {"retire", "lost"}  # a host that may be removed is declared as one of these


def evaluate(resources: Sequence[Resource], _context: RuleContext) -> Iterator[Finding]:
    """Yield each host with state whose resource is not protected, unless the stack may remove it."""
    protected = {resource.name: resource.protected for resource in resources}
    for topology in (resource.topology for resource in resources if resource.topology):
        if topology["environment"] != "production":
            continue
        for key, host in sorted(topology["hosts"].items()):
            if (
                host["state"]
                and not REMOVED & set(host["declared"])
                and not protected.get(f"{topology['name']}-{key}{HOST}")
            ):
                held = " and ".join(KINDS.get(kind, kind) for kind in host["state"])
                what = f"holds {held} and is not protected: a mistake in the stack file would delete it"
                yield Finding(f"{key} ({host['fqdn']})", what, "remove protect: false")

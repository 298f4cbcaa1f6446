"""What a refusal is, and what lifts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Every refusal by its name: when it is said, and what lifts it.
REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "downgrade": ("an older build than the one that runs", "allow"),
        "last-of-kind": ("the last server of a kind leaves", "allow"),
        "state": (
            "a host with etcd, the ACL database or DIS data leaves",
            "retire: true in an update before",
        ),
        "acl-database": ("the ACL database is declared somewhere else", "allow"),
        "etcd-members": ("etcd's members are other ones, in another order or have other addresses", "nothing"),
        "etcd-replace": ("too many members of etcd to be replaced at once", "nothing"),
        "primary": ("another host is declared as the one that holds the keys", "nothing"),
        "rebuilt": (
            "a host of etcd, the keys or the ACL database is empty",
            "replace: true, but for what nothing makes again",
        ),
        "machine": ("a host's receipts are those of another host or machine", "replace: true for another machine"),
        "foreign-etcd": ("an etcd that serves something else keeps data there", "nothing"),
        "twice": ("what is made once would be made anew while others hold it", "nothing"),
        "record": (
            "it is not known what is there: the record of the cluster is unreadable, missing or on another host",
            "allow, with the host",
        ),
        "unread": ("what is made once would be made while a host cannot be read", "nothing; a preview goes on"),
    }
)


@dataclass(frozen=True)
class Refusal:
    """One thing that must not be done: the refusal's name, and what is told of it.

    `told` is one line: key path or host, what is wrong, what to do.
    """

    name: str
    told: str

    @property
    def line(self) -> str:
        """The whole line, which says how a stack lifts the refusal where it can."""
        if REFUSALS[self.name][1] == "allow":
            return f"{self.told}; to do it all the same: allow: [{{refusal: {self.name}, reason: WHY}}]"
        return self.told

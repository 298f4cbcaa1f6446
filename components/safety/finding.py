"""Safety findings: what an update must not do, and what permits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Every finding by its name: when it occurs, and what permits the update.
FINDINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "downgrade": ("the declared build is older than the running one", "allow"),
        "last-of-kind": ("the last server of a kind is removed", "allow"),
        "host-with-state": (
            "a host with etcd, the ACL database or DIS data is removed",
            "retire: true in an earlier update",
        ),
        "acl-database": ("the ACL database is declared elsewhere", "allow"),
        "etcd-members": ("etcd's members, their order or their addresses differ", "nothing"),
        "etcd-replace": ("too many etcd members would be replaced at once", "nothing"),
        "key-host": ("another host is declared as the one that holds the keys", "nothing"),
        "reinstalled-host": (
            "a host of etcd, the keys or the ACL database is empty",
            "replace: true, unless what it held exists nowhere else",
        ),
        "identity-mismatch": (
            "a host's receipts were written for another host or on another machine",
            "replace: true for another machine",
        ),
        "foreign-etcd": ("an etcd that this program did not create keeps data on a member", "nothing"),
        "would-regenerate": ("one-time keys would be regenerated although other hosts use them", "nothing"),
        "manifest": (
            "the cluster manifest is unreadable, missing or only on another host",
            "allow, with the host",
        ),
        "unreachable-host": (
            "one-time keys would be generated while a host cannot be read",
            "nothing; a preview continues",
        ),
    }
)


@dataclass(frozen=True)
class SafetyFinding:
    """One thing that an update must not do: the finding's name, and its message in one line."""

    name: str
    message: str

    @property
    def line(self) -> str:
        """The message, with how the stack permits it where it can."""
        if FINDINGS[self.name][1] == "allow":
            return f"{self.message}; to permit it: allow: [{{refusal: {self.name}, reason: WHY}}]"
        return self.message

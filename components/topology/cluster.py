"""The nouns: hosts, members and the cluster, with all that follows from their configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from components.topology.config import ClusterConfig, Host

PRODUCT_ROLES = ("infra", "dis", "batch", "query")


@dataclass(frozen=True)
class Node:
    """One server: its key in the stack file, its name and address, and what it is for."""

    key: str
    fqdn: str
    ip: str | None
    roles: tuple[str, ...]

    @property
    def label(self) -> str:
        """How messages name the host."""
        return f"{self.key} ({self.fqdn})"

    @property
    def fields(self) -> dict[str, str]:
        """What an argument list of the release profile may ask of a host."""
        return {"key": self.key, "fqdn": self.fqdn, "ip": self.ip or ""}


@dataclass(frozen=True)
class Member:
    """An etcd member; its ordinal is its position in the stack's list, from 1 (guide, step 9)."""

    node: Node
    ordinal: int

    @property
    def fields(self) -> dict[str, str]:
        """What an argument list of the release profile may ask of a member."""
        return {**self.node.fields, "ordinal": str(self.ordinal)}


@dataclass(frozen=True)
class Cluster:
    """A checked configuration as nouns; order of hosts is by key, order of servers is the stack's."""

    config: ClusterConfig

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """All hosts by key, sorted: a mapping's order in a stack file means nothing."""
        return {key: _node(key, self.config.hosts[key]) for key in sorted(self.config.hosts)}

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The etcd members in order of their ordinals."""
        return tuple(Member(self.nodes[key], n) for n, key in enumerate(self.config.etcd, start=1))

    @property
    def config_servers(self) -> tuple[Node, ...]:
        """The configuration servers; iris_keygen runs on the first (guide, step 13)."""
        return tuple(self.nodes[key] for key in self.config.config_servers)

    @property
    def auth_servers(self) -> tuple[Node, ...]:
        """The authentication servers; the first holds the ACL database unless the stack says otherwise."""
        return tuple(self.nodes[key] for key in self.config.auth_servers)

    @property
    def primary(self) -> Node:
        """The configuration server that holds the keys and where cluster-wide steps run."""
        return self.config_servers[0]

    @property
    def web_api(self) -> Node:
        """Where the Web API Service runs."""
        return self.nodes[self.config.services.web_api or self.with_role("infra")[0].key]

    @property
    def controller(self) -> Node:
        """Where the controller runs."""
        return self.nodes[self.config.services.controller or self.with_role("infra")[0].key]

    @property
    def cus(self) -> Node | None:
        """Where the Client Update Service runs; None when the stack declines it (guide, step 18: optional)."""
        named = self.config.services.cus
        if named is False:
            return None
        return self.nodes[named or self.with_role("infra")[0].key]

    @property
    def acl_database(self) -> Node:
        """Where MariaDB runs."""
        return self.nodes[self.config.services.acl_database or self.auth_servers[0].key]

    @property
    def table_appender(self) -> Node:
        """Where the Remote Table Appender runs (guide, step 19)."""
        return self.nodes[self.config.services.table_appender or self.with_role("dis")[0].key]

    @property
    def learn(self) -> Node | None:
        """Where the example data are installed, if anywhere."""
        key = self.config.services.learn
        return self.nodes[key] if key else None

    def with_role(self, role: str) -> tuple[Node, ...]:
        """Return the hosts that carry a monit role, by key."""
        return tuple(node for node in self.nodes.values() if role in node.roles)

    @property
    def full_version(self) -> str:
        """The release with its build, as the product's paths have it: 1.20200121.008."""
        return f"{self.config.release.version}.{self.config.release.build}"

    def nouns(self) -> dict[str, list[dict[str, str]]]:
        """Return what the argument lists of the release profile may name, each noun as a list of its fields."""
        servers = {
            "config_server": self.config_servers,
            "auth_server": self.auth_servers,
            "web_api": (self.web_api,),
            "controller": (self.controller,),
            "cus": (self.cus,) if self.cus else (),
            "acl_database": (self.acl_database,),
            "table_appender": (self.table_appender,),
            "primary": (self.primary,),
            "logging": tuple(node for node in self.nodes.values() if node.roles),
            **{role: self.with_role(role) for role in PRODUCT_ROLES},
        }
        release = {
            "version": self.config.release.version,
            "build": self.config.release.build,
            "full": self.full_version,
        }
        return {
            "release": [release],
            "etcd": [member.fields for member in self.members],
            **{noun: [node.fields for node in nodes] for noun, nodes in servers.items()},
        }


def _node(key: str, host: Host) -> Node:
    roles = tuple(role for role in PRODUCT_ROLES if role in host.roles)
    return Node(key=key, fqdn=host.fqdn, ip=str(host.ip) if host.ip else None, roles=roles)

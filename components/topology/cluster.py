"""Hosts, etcd members and the cluster, with everything that follows from their configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from components.config.models import ClusterConfig, ExternalDatabase, Host, Mount

# The monit roles of a host: the guide's, and those that follow from the lists and services of a stack.
GUIDE_ROLES = ("infra", "dis", "batch", "query")
FURTHER_ROLES = ("config", "auth", "web_api", "controller", "cus", "tdcp")


@dataclass(frozen=True)
class Node:
    """One server: its key in the stack file, name, address, monit roles and operating system."""

    key: str
    fqdn: str
    ip: str | None
    roles: tuple[str, ...]
    os: str = "centos"

    @property
    def label(self) -> str:
        """The host's name in messages."""
        return f"{self.key} ({self.fqdn})"

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a host in argument templates."""
        return {"key": self.key, "fqdn": self.fqdn, "ip": self.ip or ""}


@dataclass(frozen=True)
class Member:
    """An etcd member; its ordinal is its position in the stack's list, from 1 (guide, step 9)."""

    node: Node
    ordinal: int

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a member in argument templates."""
        return {**self.node.variables, "ordinal": str(self.ordinal)}


@dataclass(frozen=True)
class Cluster:
    """A cluster from a checked configuration; hosts are ordered by key, servers as in the stack."""

    config: ClusterConfig

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """All hosts by key, sorted: a mapping's order in a stack file means nothing."""
        return {key: self._node(key, host) for key, host in sorted(self.config.hosts.items())}

    @cached_property
    def lost(self) -> frozenset[str]:
        """The keys of the permanently lost hosts."""
        return frozenset(key for key, host in self.config.hosts.items() if host.lost)

    @cached_property
    def reachable(self) -> Mapping[str, Node]:
        """The hosts that can be reached, by key."""
        return {key: node for key, node in self.nodes.items() if key not in self.lost}

    def _node(self, key: str, host: Host) -> Node:
        roles: list[str] = [role for role in GUIDE_ROLES if role in host.roles]
        roles += [role for role in FURTHER_ROLES if key in self._keys(role) and not _implied(role, roles)]
        ip = str(host.ip) if host.ip else None
        return Node(key=key, fqdn=host.fqdn, ip=ip, roles=tuple(roles), os=host.os)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The etcd members in order of their ordinals."""
        return tuple(Member(self.nodes[key], n) for n, key in enumerate(self.config.etcd, start=1))

    @property
    def etcd_clients(self) -> tuple[Node, ...]:
        """The configuration servers that are not etcd members (guide, step 10)."""
        members = [member.node for member in self.members]
        return tuple(node for node in self.config_servers if node not in members)

    @property
    def config_servers(self) -> tuple[Node, ...]:
        """The configuration servers; iris_keygen runs on the first (guide, step 13)."""
        return self.hosts_running("config")

    @property
    def auth_servers(self) -> tuple[Node, ...]:
        """The authentication servers; the first has the ACL database unless the stack places it elsewhere."""
        return self.hosts_running("auth")

    @property
    def primary(self) -> Node:
        """The configuration server that holds the keys, on which cluster-wide steps run."""
        return self.nodes[self.config.config_servers[0]]

    @property
    def web_api(self) -> Node:
        """Where the Web API Service runs."""
        return self.hosts_running("web_api")[0]

    @property
    def controller(self) -> Node:
        """Where the controller runs."""
        return self.hosts_running("controller")[0]

    @property
    def cus(self) -> Node | None:
        """Where the Client Update Service runs; None when the stack declines it (guide, step 18: optional)."""
        return next(iter(self.hosts_running("cus")), None)

    @property
    def acl_database(self) -> Node | ExternalDatabase:
        """Where the ACL database is: MariaDB on a host of the cluster, or an external server."""
        named = self.config.services.acl_database
        if isinstance(named, ExternalDatabase):
            return named
        return self.nodes[named] if named else self.auth_servers[0]

    @property
    def non_primary(self) -> tuple[Node, ...]:
        """All hosts except the one that holds the keys."""
        return tuple(node for node in self.nodes.values() if node != self.primary)

    def state_of(self, node: Node) -> tuple[str, ...]:
        """Return the state on a host that no installation restores: etcd's data, the ACL database, DIS data."""
        held = {
            "etcd": node.key in self.config.etcd,
            "acl_database": self.acl_database == node,
            "dis": "dis" in node.roles,
        }
        return tuple(kind for kind, has in held.items() if has)

    @property
    def protects(self) -> bool:
        """Whether Pulumi refuses to delete hosts with state."""
        declared = self.config.protect
        return self.config.environment == "production" if declared is None else declared

    def hosts_running(self, service: str) -> tuple[Node, ...]:
        """Return the hosts that run a service; its name is one of `FURTHER_ROLES`."""
        return self._service_hosts[service]

    @cached_property
    def _service_hosts(self) -> Mapping[str, tuple[Node, ...]]:
        """The hosts by service, cached: every host looks up every service, which grows with the square of the hosts."""
        return {role: self._reachable([self.nodes[key] for key in self._keys(role)]) for role in FURTHER_ROLES}

    def _reachable(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """Return the hosts that are not lost, or all if every one is lost."""
        return tuple(node for node in nodes if node.key not in self.lost) or tuple(nodes)

    def kinds(self) -> Mapping[str, tuple[Node, ...]]:
        """Return the hosts by kind of server: the guide's roles, and the servers that lists and services name."""
        roles = {role: self.with_role(role) for role in GUIDE_ROLES}
        return {**roles, **{service: self.hosts_running(service) for service in FURTHER_ROLES}}

    def _keys(self, service: str) -> tuple[str, ...]:
        services = self.config.services
        several = {
            "config": self.config.config_servers,
            "auth": self.config.auth_servers,
            "tdcp": services.tdcp,
        }
        if service in several:
            return tuple(several[service])
        named = getattr(services, service)
        if named is False:
            return ()
        return (named,) if named else self._first_infra

    @cached_property
    def _first_infra(self) -> tuple[str, ...]:
        """The key of the first host with the role infra, on which the guide places services by default."""
        return tuple(sorted(key for key, host in self.config.hosts.items() if "infra" in host.roles)[:1])

    @property
    def table_appender(self) -> Node:
        """Where the Remote Table Appender runs (guide, step 19)."""
        return self.nodes[self.config.services.table_appender or self.with_role("dis")[0].key]

    @property
    def example_data(self) -> Node | None:
        """Where the example data are installed; None if nowhere."""
        key = self.config.services.example_data
        return self.nodes[key] if key else None

    def mounts_of(self, key: str) -> tuple[Mount, ...]:
        """Return the mounts of a host, outer directories first; its own mounts override those of all hosts."""
        declared = [*self.config.mounts, *self.config.hosts[key].mounts]
        return tuple(mount for _, mount in sorted({mount.path: mount for mount in declared}.items()))

    def with_role(self, role: str) -> tuple[Node, ...]:
        """Return the hosts that have a monit role and are not lost, by key."""
        return self._reachable([node for node in self.nodes.values() if role in node.roles])

    @property
    def full_version(self) -> str:
        """The release with its build, as in the product's paths: 1.20200121.008."""
        return f"{self.config.release.version}.{self.config.release.build}"

    def inventory(self) -> dict[str, list[dict[str, str]]]:
        """Return the variables of the profile's argument templates: by group, a mapping for each host."""
        servers = {
            "config_server": self.config_servers,
            "auth_server": self.auth_servers,
            **{service: self.hosts_running(service) for service in ("web_api", "controller", "cus", "tdcp")},
            "table_appender": (self.table_appender,),
            "primary": (self.primary,),
            "main_dis": self.with_role("dis")[:1],
            "logging": self._reachable([node for node in self.nodes.values() if node.roles]),
            **{role: self.with_role(role) for role in GUIDE_ROLES},
        }
        database = self.acl_database
        release = {
            "version": self.config.release.version,
            "build": self.config.release.build,
            "full": self.full_version,
        }
        return {
            "release": [release],
            "etcd": [member.variables for member in self.members],
            "acl_database": [{"fqdn": database.host} if isinstance(database, ExternalDatabase) else database.variables],
            **{group: [node.variables for node in nodes] for group, nodes in servers.items()},
        }


def _implied(role: str, roles: Sequence[str]) -> bool:
    """Return whether a host's roles include a service: the guide's infra node runs all except the proxy."""
    return "infra" in roles and role != "tdcp"

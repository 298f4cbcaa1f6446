"""The cluster record: what each successful update leaves on the configuration servers, so that a later one knows it.

The program cannot read Pulumi's state while it plans; this is how it knows who was there and for what.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from components.topology.cluster import Cluster, Node
from components.topology.config import ExternalDatabase

Hosts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was there: hosts by key with their fields, servers in order, hosts by what they are for.

    `release` is version-release of the product. `kinds` has, for each kind of server, its hosts' keys. What an older
    record does not say is empty.
    """

    release: str = ""
    hosts: Hosts = field(default_factory=dict)
    etcd: tuple[str, ...] = ()
    config_servers: tuple[str, ...] = ()
    auth_servers: tuple[str, ...] = ()
    acl_database: str = ""
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Return a record as a host holds it; what has another shape is as good as not said."""
        return cls(
            release=str(raw.get("release", "")),
            hosts=_hosts(raw.get("hosts")),
            etcd=_keys(raw.get("etcd")),
            config_servers=_keys(raw.get("config_servers")),
            auth_servers=_keys(raw.get("auth_servers")),
            acl_database=str(raw.get("acl_database", "")),
            kinds={str(kind): _keys(keys) for kind, keys in _mapping(raw.get("kinds")).items()},
        )

    @classmethod
    def of(cls, cluster: Cluster, release: str) -> Self:
        """Return what is there once a cluster is deployed with a release."""
        return cls(
            release=release,
            hosts={key: _host(cluster, node) for key, node in cluster.nodes.items()},
            etcd=tuple(member.node.key for member in cluster.members),
            config_servers=_names(cluster.config_servers),
            auth_servers=_names(cluster.auth_servers),
            acl_database=database(cluster),
            kinds={kind: _names(nodes) for kind, nodes in cluster.kinds().items()},
        )

    def text(self) -> str:
        """Return the record as JSON, the same for the same cluster."""
        return json.dumps(vars(self), sort_keys=True)


def database(cluster: Cluster) -> str:
    """Return where the ACL database is: a host's key, or the name of a server outside."""
    named = cluster.acl_database
    return named.host if isinstance(named, ExternalDatabase) else named.key


def _host(cluster: Cluster, node: Node) -> Mapping[str, Any]:
    return {
        **node.fields,
        "roles": node.roles,
        "state": cluster.state_of(node),
        "leaves": cluster.config.hosts[node.key].retire,
    }


def _names(nodes: Sequence[Node]) -> tuple[str, ...]:
    return tuple(node.key for node in nodes)


def _keys(value: object) -> tuple[str, ...]:
    return tuple(str(key) for key in value) if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _hosts(value: object) -> Hosts:
    return {str(key): _mapping(host) for key, host in _mapping(value).items()}

"""The cluster manifest, which each successful update writes to the configuration servers for later updates.

The program cannot read Pulumi's state while it plans, so it reads the hosts and roles of the last update here.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field

from components.config.models import ExternalDatabase, HostKey
from components.host_text import HostModel, HostTextError, Text, Timestamp, parse
from components.topology.cluster import Cluster, Node

Kind = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
State = Literal["begun", "complete"]


class RecordedHost(HostModel):
    """One host as it was declared: `state` lists the kinds of state on it, `leaves` is true if it may be removed."""

    key: Text = ""
    fqdn: Text = ""
    ip: Text = ""
    roles: tuple[Kind, ...] = ()
    state: tuple[Kind, ...] = ()
    leaves: bool = False


class Manifest(HostModel):
    """The cluster after the last update: hosts by key, servers in order, and hosts by kind of server.

    `release` is version-release of the product. `kinds` has, for each kind of server, its hosts' keys. Keys that an
    older manifest lacks are empty.
    """

    release: Annotated[str, Field(pattern=r"^([0-9][A-Za-z0-9._-]{0,63})?$")] = ""
    hosts: Mapping[HostKey, RecordedHost] = {}
    etcd: tuple[HostKey, ...] = ()
    config_servers: tuple[HostKey, ...] = ()
    auth_servers: tuple[HostKey, ...] = ()
    acl_database: Text = ""
    kinds: Mapping[Kind, tuple[HostKey, ...]] = {}

    @classmethod
    def of(cls, cluster: Cluster, release: str) -> Self:
        """Return the manifest of a cluster that is deployed with a release."""
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
        """Return the manifest as JSON, the same for the same cluster."""
        return json.dumps(self.model_dump(), sort_keys=True)


class ManifestFile(HostModel):
    """The file with the manifest: `begun` by a configuration server's first step, `complete` after an update.

    `read` raises HostTextError, also for a complete file without a cluster.
    """

    written: Timestamp
    state: State
    cluster: Manifest | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the content of the file on a host."""
        file = parse(cls, text)
        if file.state == "complete" and file.cluster is None:
            raise HostTextError("it is complete but has no cluster")
        return file


def database(cluster: Cluster) -> str:
    """Return where the ACL database is: a host's key, or the name of an external server."""
    named = cluster.acl_database
    return named.host if isinstance(named, ExternalDatabase) else named.key


def _host(cluster: Cluster, node: Node) -> RecordedHost:
    return RecordedHost(
        **node.variables,
        roles=node.roles,
        state=cluster.state_of(node),
        leaves=cluster.config.hosts[node.key].retire or node.key in cluster.lost,
    )


def _names(nodes: Sequence[Node]) -> tuple[str, ...]:
    return tuple(node.key for node in nodes)

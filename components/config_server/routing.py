"""The stack's own data routing: read and checked, never rewritten, so that YAML anchors, merges and comments stay."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from components.config.loader import ROOT
from components.config.project_file import ProjectFile
from components.config.yaml_text import parse_yaml
from components.errors import ConfigurationError
from components.topology.cluster import Cluster

WHERE = f"{ROOT}.routing.file"


def load_routing(cluster: Cluster, *, project: Path) -> str | None:
    """Return the routing document's text, None when the stack has none; raises ConfigurationError."""
    routing = cluster.config.routing
    if routing is None:
        return None
    file = ProjectFile(where=WHERE, name=routing.file, path=project / routing.file, expected="the routing document")
    # Of any system's line ends one kind, so that a checkout elsewhere changes nothing on the hosts.
    text = file.text().replace("\r\n", "\n").replace("\r", "\n")
    if findings := [f"{WHERE}: {routing.file}: {finding}" for finding in check(text, cluster)]:
        raise ConfigurationError(findings)
    return text


def check(text: str, cluster: Cluster) -> Iterator[str]:
    """Yield the problems of a routing document for a cluster, each with a remedy."""
    try:
        parsed = parse_yaml(text)
    except ValueError as error:
        yield str(error)
        return
    config = parsed.get("config") if isinstance(parsed, Mapping) else None
    servers = config.get("dataImportServers") if isinstance(config, Mapping) else None
    if not isinstance(servers, Mapping) or not servers:
        yield "config.dataImportServers has no server; add one, as the vendor's chapter on data routing describes"
        return
    hosts = {str(key): _host(server) for key, server in servers.items()}
    declared = {node.fqdn: node.key for node in cluster.with_role("dis")}
    for key, host in hosts.items():
        if not isinstance(host, str) or host not in declared:
            where = f"config.dataImportServers.{key}.host"
            yield f"{where} is {host!r}, which lacks the role dis; use one of {', '.join(declared)}"
    for fqdn, key in declared.items():
        if fqdn not in hosts.values():
            yield f"config.dataImportServers has no server on {fqdn}; add one, or remove the role dis from {key}"


def _host(server: object) -> object:
    return server.get("host") if isinstance(server, Mapping) else None

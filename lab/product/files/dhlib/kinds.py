"""The kinds of services, with their user, log prefix, endpoints property and start requirements."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of service."""

    user: str
    prefix: str
    endpoint: str
    needs: tuple[str, ...]
    many: bool = False


CLIENT = ("config", "auth")
KINDS = {
    "config": Kind("irisadmin", "ConfigurationServer", "ConfigurationServer", ("etcd",), many=True),
    "auth": Kind(
        "irisadmin", "AuthenticationServer", "AuthenticationServer", ("config", "connector", "database"), many=True
    ),
    "acl": Kind("irisadmin", "DbAclWriteServer", "DbAclWriteServer", (*CLIENT, "connector", "database")),
    "controller": Kind("irisadmin", "PersistentQueryController", "PersistentQueryController", CLIENT),
    "web": Kind("dbquery", "WebServer", "WebServer", (*CLIENT, "connector")),
    "cus": Kind("lighttpd", "ClientUpdateService", "ClientUpdateService", ("config",)),
    "las": Kind("irisadmin", "LogAggregatorService", "LogAggregatorService", CLIENT, many=True),
    "tailer": Kind("irisadmin", "LogtailerMain", "LogtailerMain", CLIENT, many=True),
    "dis": Kind("dbmerge", "DataImportServer", "DataImportServer", (*CLIENT, "routing"), many=True),
    "ltds": Kind("dbquery", "LocalTableDataServer", "LocalTableDataServer", CLIENT, many=True),
    "tdcp": Kind("dbquery", "TableDataCacheProxy", "TableDataCacheProxy", CLIENT, many=True),
    "merge": Kind("dbmerge", "RemoteQueryDispatcher", "RemoteQueryDispatcher.merge", (*CLIENT, "connector")),
    "query": Kind("dbquery", "RemoteQueryDispatcher", "RemoteQueryDispatcher.query", (*CLIENT, "connector"), many=True),
}

"""Checks of the cluster as a whole.

They read the raw configuration, so that their findings are reported together with those about single values. Values of
the wrong type are ignored here, because the loader reports them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LISTS = ("etcd", "config_servers", "auth_servers")


class RawConfig:
    """The raw configuration, read leniently: a value of the wrong type counts as absent."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.production = raw.get("environment") == "production"
        self.hosts = {str(key): _mapping(host) for key, host in _mapping(raw.get("hosts")).items()}
        self.mounts = {"mounts": _paths(raw.get("mounts"))}
        self.mounts |= {f"hosts.{key}.mounts": _paths(host.get("mounts")) for key, host in self.hosts.items()}
        self.uids = [ids.get("uid") for ids in map(_mapping, _mapping(raw.get("accounts")).values())]
        self.lists = {name: _names(raw.get(name)) for name in LISTS if isinstance(raw.get(name), list)}
        self.services = {key: host for key, host in _mapping(raw.get("services")).items() if isinstance(host, str)}
        self.declared_services = set(_mapping(raw.get("services")))
        if isinstance(proxies := _mapping(raw.get("services")).get("tdcp"), list):
            self.lists["services.tdcp"] = _names(proxies)
        database = _mapping(_mapping(raw.get("services")).get("acl_database"))
        self.database = str(database.get("host", ""))

    def with_role(self, role: str) -> list[str]:
        """Return the keys of the hosts that have a role."""
        return [key for key, host in self.hosts.items() if role in _names(host.get("roles"))]


def check(raw: Mapping[str, Any]) -> list[str]:
    """Return one line for each violation of the guide's rules, key path first."""
    config = RawConfig(raw)
    rules = (_references, _repeated, _same_server, _quorum, _addresses, _placement, _mounts, _accounts)
    return [finding for rule in rules for finding in rule(config)]


def warnings(raw: Mapping[str, Any]) -> list[str]:
    """Return one line for each deviation from the guide that a test cluster may have."""
    config = RawConfig(raw)
    members = len(config.lists.get("etcd", []))
    return [] if config.production or members % 2 else [_even(members)]


def _even(members: int) -> str:
    return (
        f"etcd: {members} members tolerate no more failures than {members - 1};"
        " add or remove one: the guide recommends an odd number"
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _paths(value: object) -> list[str]:
    return _names([_mapping(mount).get("path") for mount in value]) if isinstance(value, list) else []


def _references(config: RawConfig) -> Iterator[str]:
    """Report hosts that are listed but not declared."""
    declared = ", ".join(sorted(config.hosts))
    if not declared:
        return
    for where, name in _listed(config):
        if name not in config.hosts:
            yield f"{where}: unknown host {name!r}; use one of {declared}"


def _listed(config: RawConfig) -> Iterator[tuple[str, str]]:
    for where, names in config.lists.items():
        yield from ((where, name) for name in names)
    yield from ((f"services.{service}", name) for service, name in config.services.items())


def _repeated(config: RawConfig) -> Iterator[str]:
    """Report hosts and roles that are listed twice: the position of a host is its ordinal."""
    for where, names in config.lists.items():
        for name in _duplicates(names):
            yield f"{where}: {name!r} is listed twice; list each host once"
    for key, host in config.hosts.items():
        for role in _duplicates(_names(host.get("roles"))):
            yield f"hosts.{key}.roles: {role!r} is listed twice; list each role once"


def _same_server(config: RawConfig) -> Iterator[str]:
    """Report host keys that name the same server."""
    for field in ("fqdn", "ip"):
        owners = Counter(str(host[field]) for host in config.hosts.values() if field in host)
        for value in (value for value, count in owners.items() if count > 1):
            keys = ", ".join(sorted(key for key, host in config.hosts.items() if str(host.get(field)) == value))
            yield f"hosts: {keys} have the same {field} {value}; give each host its own"


def _duplicates(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _quorum(config: RawConfig) -> Iterator[str]:
    """Guide, Planning: each cluster needs etcd with an odd number of members, in production at least three."""
    members = config.lists.get("etcd")
    if members is None:
        return
    if not members:
        yield "etcd: the list is empty; list one host, or three in production: etcd stores Deephaven's configuration"
    elif config.production and len(members) % 2 == 0:
        yield _even(len(members))


def _addresses(config: RawConfig) -> Iterator[str]:
    """Guide, step 7: config_generator needs the members' addresses."""
    for name in config.lists.get("etcd", []):
        if name in config.hosts and "ip" not in config.hosts[name]:
            yield f"hosts.{name}.ip: is missing; write an address, like 10.0.0.11: etcd registers members by address"


def _placement(config: RawConfig) -> Iterator[str]:
    """Guide, Planning: a deployment has at least one of each of these services."""
    if not config.hosts:
        return
    if not config.with_role("infra"):
        for service in ("web_api", "controller", "cus"):
            if service not in config.declared_services:
                yield f"services.{service}: is missing, and no host has the role infra; give one host the role infra"
    needed = {
        "dis": "give one host the role dis: query servers read from a Data Import Server",
        "query": "give one host the role query: user queries run on a Query Server",
        "batch": "give one host the role batch: a Merge Server writes historical data",
    }
    for role, remedy in needed.items():
        if not config.with_role(role):
            yield f"hosts: no host has the role {role}; {remedy}"
    if not config.with_role("dis") and "table_appender" not in config.services:
        yield "services.table_appender: is missing, and no host has the role dis; name the host that runs it"
    for key, host in config.hosts.items():
        if config.database and config.database == host.get("fqdn"):
            yield f"services.acl_database.host: {config.database} is a host of this cluster; write acl_database: {key}"


def _mounts(config: RawConfig) -> Iterator[str]:
    """Report paths at which two file systems would be mounted."""
    for where, paths in config.mounts.items():
        for path in _duplicates(paths):
            yield f"{where}: {path!r} is listed twice; list each path once"


def _accounts(config: RawConfig) -> Iterator[str]:
    """Report uids that two accounts share."""
    for uid in _duplicates([str(uid) for uid in config.uids if uid is not None]):
        yield f"accounts: two accounts have the uid {uid}; give each account its own"

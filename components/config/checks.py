"""Checks of the whole cluster; they read the raw object so that they report together with checks of single values.

Everything here tolerates values of a wrong shape, which the loader reports.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LISTS = ("etcd", "config_servers", "auth_servers")


class RawConfig:
    """The raw configuration object, read leniently: what has a wrong shape is as good as absent."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.production = raw.get("environment") == "production"
        self.hosts = {str(key): _mapping(host) for key, host in _mapping(raw.get("hosts")).items()}
        self.mounts = {"mounts": _paths(raw.get("mounts"))}
        self.mounts |= {f"hosts.{key}.mounts": _paths(host.get("mounts")) for key, host in self.hosts.items()}
        self.uids = [ids.get("uid") for ids in map(_mapping, _mapping(raw.get("accounts")).values())]
        self.lists = {name: _names(raw.get(name)) for name in LISTS if isinstance(raw.get(name), list)}
        self.services = {key: host for key, host in _mapping(raw.get("services")).items() if isinstance(host, str)}
        self.unplaced = set(_mapping(raw.get("services"))) - set(self.services)
        if isinstance(proxies := _mapping(raw.get("services")).get("tdcp"), list):
            self.lists["services.tdcp"] = _names(proxies)
        database = _mapping(_mapping(raw.get("services")).get("acl_database"))
        self.database = str(database.get("host", ""))

    def with_role(self, role: str) -> list[str]:
        """Return the keys of the hosts that carry a role."""
        return [key for key, host in self.hosts.items() if role in _names(host.get("roles"))]


def check(raw: Mapping[str, Any]) -> list[str]:
    """Return a line for each thing that no cluster of the guide can be, key path first."""
    config = RawConfig(raw)
    rules = (_references, _repeated, _twice, _quorum, _addresses, _placement, _mounts, _accounts)
    return [finding for rule in rules for finding in rule(config)]


def warnings(raw: Mapping[str, Any]) -> list[str]:
    """Return a line for each thing that the guide advises against and a test cluster may do all the same."""
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
    """Every host that is listed must be declared."""
    known = ", ".join(sorted(config.hosts))
    if not known:
        return
    for where, name in _named(config):
        if name not in config.hosts:
            yield f"{where}: unknown host {name!r}; declared hosts: {known}"


def _named(config: RawConfig) -> Iterator[tuple[str, str]]:
    for where, names in config.lists.items():
        yield from ((where, name) for name in names)
    yield from ((f"services.{service}", name) for service, name in config.services.items())


def _repeated(config: RawConfig) -> Iterator[str]:
    """List a host once: its position is its ordinal."""
    for where, names in config.lists.items():
        for name in _doubles(names):
            yield f"{where}: {name!r} is listed twice; list each host once"
    for key, host in config.hosts.items():
        for role in _doubles(_names(host.get("roles"))):
            yield f"hosts.{key}.roles: {role!r} is listed twice; list each role once"


def _twice(config: RawConfig) -> Iterator[str]:
    """Two keys must not mean the same server."""
    for field in ("fqdn", "ip"):
        owners = Counter(str(host[field]) for host in config.hosts.values() if field in host)
        for value in (value for value, count in owners.items() if count > 1):
            keys = ", ".join(sorted(key for key, host in config.hosts.items() if str(host.get(field)) == value))
            yield f"hosts: {keys} have the same {field} {value}; each host needs its own"


def _doubles(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _quorum(config: RawConfig) -> Iterator[str]:
    """Guide, Planning: etcd is always needed, an odd number of members, three or more in production."""
    members = config.lists.get("etcd")
    if members is None:
        return
    if not members:
        yield "etcd: no member is listed; list one host, or three in production: it holds Deephaven's configuration"
    elif config.production and len(members) % 2 == 0:
        yield _even(len(members))


def _addresses(config: RawConfig) -> Iterator[str]:
    """Guide, step 7: config_generator is given the members' addresses."""
    for name in config.lists.get("etcd", []):
        if name in config.hosts and "ip" not in config.hosts[name]:
            yield f"hosts.{name}.ip: is missing; write one like 10.0.0.11: etcd registers members by address"


def _placement(config: RawConfig) -> Iterator[str]:
    """Guide, Planning: the services of which a deployment has at least one."""
    if not config.hosts:
        return
    if not config.with_role("infra"):
        for service in ("web_api", "controller", "cus"):
            if service not in config.services and service not in config.unplaced:
                yield f"services.{service}: no host has the role infra, and none is named; give one host the role infra"
    needed = {
        "dis": "give one host the role dis: query servers read from a Data Import Server",
        "query": "give one host the role query: user queries run on a Query Server",
        "batch": "give one host the role batch: a Merge Server writes historical data",
    }
    for role, why in needed.items():
        if not config.with_role(role):
            yield f"hosts: no host has the role {role}; {why}"
    if not config.with_role("dis") and "table_appender" not in config.services:
        yield "services.table_appender: no host has the role dis, and none is named; name the host that runs it"
    for key, host in config.hosts.items():
        if config.database and config.database == host.get("fqdn"):
            yield f"services.acl_database.host: {config.database} is a host of this cluster; write acl_database: {key}"


def _mounts(config: RawConfig) -> Iterator[str]:
    """Two file systems cannot be mounted at one path."""
    for where, paths in config.mounts.items():
        for path in _doubles(paths):
            yield f"{where}: {path!r} is listed twice; mount one file system there"


def _accounts(config: RawConfig) -> Iterator[str]:
    """Each account needs a uid of its own."""
    for uid in _doubles([str(uid) for uid in config.uids if uid is not None]):
        yield f"accounts: two accounts have the uid {uid}; each needs its own"

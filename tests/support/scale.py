"""A cluster of any number of hosts, for tests and measurements of scale."""

from typing import Any

from tests.unit.conftest import raw_of


def many(count: int) -> dict[str, Any]:
    """Return the configuration of a cluster with this many hosts, half of them query and half merge servers."""
    base = raw_of("production")
    hosts: dict[str, Any] = {"infra": {"fqdn": "infra.example.com", "ip": "10.0.0.1", "roles": ["infra", "dis"]}}
    hosts |= {f"etcd{n}": {"fqdn": f"etcd{n}.example.com", "ip": f"10.0.1.{n}"} for n in (1, 2)}
    for n in range(count - len(hosts)):
        hosts[f"more{n}"] = {"fqdn": f"more{n}.example.com", "roles": ["query" if n % 2 else "batch"]}
    etcd = ["infra", "etcd1", "etcd2"]
    return {**base, "hosts": hosts, "etcd": etcd, "certificate": {"kind": "self-signed"}}

"""The policy view of the topology: hosts, servers, and waivers of the stack. Pure; it contains no secret.

It is a property of the root component, so it must change only with the stack: it has no live facts and no dates of
today.
"""

from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from components.release.spec import DeploymentSpec
from components.steps.model import Plan, Step
from components.tls.chain import is_authority
from components.tls.pem import certificates
from components.tls.plan import CertificateAndKey, CertificateSpec, cus
from components.topology.cluster import Cluster, Node


def policy_view(
    spec: DeploymentSpec,
    plan: Plan,
    certificate: CertificateAndKey | CertificateSpec | None = None,
) -> dict[str, Any]:
    """Return the topology as plain values; `builds` are those that the plan ensures on each host."""
    cluster, config = spec.cluster, spec.cluster.config
    builds = _builds(plan)
    return {
        "environment": config.environment,
        "release": spec.product_release,
        "etcd": list(config.etcd),
        "config_servers": list(config.config_servers),
        "auth_servers": list(config.auth_servers),
        "hosts": {key: _host(cluster, node, builds.get(key, [])) for key, node in cluster.nodes.items()},
        "certificate": {"kind": config.certificate.kind, **_web(certificate)},
        "update_service": cus(config.certificate).removeprefix("cus_") if cluster.cus else "none",
        "shared": [_shared(spec, place.path, place.hosts) for place in spec.profile.storage if place.kind == "shared"],
        **_relaxed(cluster),
    }


def _host(cluster: Cluster, node: Node, builds: Sequence[str]) -> dict[str, Any]:
    host = cluster.config.hosts[node.key]
    return {
        "fqdn": node.fqdn,
        "ip": node.ip or "",
        "roles": list(node.roles),
        "state": list(cluster.state_of(node)),
        "builds": list(builds),
        "declared": [flag for flag in ("replace", "retire", "lost") if getattr(host, flag)],
    }


def _builds(plan: Plan) -> dict[str, list[str]]:
    by_host: dict[str, set[str]] = {}
    for step in plan:
        if isinstance(step, Step) and "build" in step.ensures:
            by_host.setdefault(step.node.key, set()).add(str(step.ensures["build"]))
    return {key: sorted(builds) for key, builds in by_host.items()}


def _web(certificate: CertificateAndKey | CertificateSpec | None) -> dict[str, Any]:
    """Return the public properties of a provided certificate; an issued one is a separate resource."""
    if not isinstance(certificate, CertificateAndKey):
        return {}
    leaf = certificates(certificate.crt)[0]
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    return {
        "valid_from": start.isoformat(),
        "valid_until": end.isoformat(),
        "authority": is_authority(leaf),
        **_key(leaf),
    }


def _key(leaf: x509.Certificate) -> dict[str, Any]:
    key = leaf.public_key()
    match key:
        case rsa.RSAPublicKey():
            return {"key_type": "RSA", "key_bits": key.key_size}
        case ec.EllipticCurvePublicKey():
            return {"key_type": "ECDSA", "key_bits": key.curve.key_size}
        case _:
            return {"key_type": type(key).__name__.removesuffix("PublicKey"), "key_bits": 0}


def _shared(spec: DeploymentSpec, path: str, inventory: Sequence[str]) -> dict[str, Any]:
    """Return a shared directory with the hosts that need it, and the source from which each one mounts it."""
    hosts = {node.key for group in inventory for node in spec.hosts_in(group)}
    return {"path": path, "sources": {key: _source(spec.cluster, key, path) for key in sorted(hosts)}}


def _source(cluster: Cluster, key: str, path: str) -> str:
    """Return the innermost declared mount at or above a path as text; empty if there is none."""
    above = [mount for mount in cluster.mounts_of(key) if f"{path}/".startswith(f"{mount.path}/")]
    return f"{above[-1].type} {above[-1].source} at {above[-1].path}" if above else ""


def _relaxed(cluster: Cluster) -> dict[str, Any]:
    config = cluster.config
    requirements = {name: waiver for name, waiver in config.requirements if waiver is not None}
    return {
        "protect": cluster.protects,
        "facts": config.facts.read,
        "requirements": {
            name: {"ignored": waiver.ignore, "limit": waiver.threshold or 0, "reason": waiver.reason}
            for name, waiver in requirements.items()
        },
        "allow": [{"refusal": allowed.refusal, "reason": allowed.reason} for allowed in config.allow],
    }

"""The queries for a host: all names, ports, paths and units come from the plan and the release profile. Pure."""

from collections.abc import Mapping

from components.packages.plan import UPLOAD, required_packages
from components.release.spec import DeploymentSpec
from components.steps.model import Value
from components.steps.script import COMPONENTS, assignment
from components.topology.cluster import Node

# The last one calls the others.
SCRIPTS = ("facts/scripts/read-system.sh", "facts/scripts/read-installed.sh", "facts/scripts/read-facts.sh")


def render(spec: DeploymentSpec, node: Node) -> str:
    """Return the standard input that the reader sends to a host."""
    lines = [assignment(name, value) for name, value in queries(spec, node).items()]
    return "\n".join([*lines, *((COMPONENTS / script).read_text().rstrip("\n") for script in SCRIPTS)]) + "\n"


def queries(spec: DeploymentSpec, node: Node) -> Mapping[str, Value]:
    """Return the variables of the reader's script for one host."""
    nodes = spec.cluster.reachable.values()
    profile = spec.profile
    directories = [item.path for item in profile.storage] + [mount.path for mount in spec.cluster.mounts_of(node.key)]
    return {
        "package": spec.product_package,
        "packages": required_packages(spec, node),
        "etcd_root": profile.paths["etcd_root"],
        "upload": str(UPLOAD),
        "units": tuple(dict.fromkeys(profile.units.values())),
        "accounts": tuple(profile.accounts.names),
        "paths": tuple(dict.fromkeys([*directories, str(UPLOAD.parent)])),
        "names": tuple(other.fqdn for other in nodes),
        "addresses": tuple(other.ip for other in nodes if other.ip),
        "peers": tuple(probe_target(peer, port) for peer, port in peers(spec, node)),
    }


def peers(spec: DeploymentSpec, node: Node) -> tuple[tuple[Node, int], ...]:
    """Return the ports of other hosts that a host must reach."""
    required = (
        (other, listener.port)
        for listener in spec.profile.ports
        if any(node in spec.hosts_in(group) for group in listener.reached_from)
        for other in spec.hosts_in(listener.hosts)
        if other != node
    )
    return tuple(dict.fromkeys(required))


def ports(spec: DeploymentSpec, node: Node) -> tuple[int, ...]:
    """Return the ports that a host will listen on."""
    listeners = [listener.port for listener in spec.profile.ports if node in spec.hosts_in(listener.hosts)]
    web = [spec.profile.web.port] if node == spec.cluster.web_api else []
    return (*listeners, *web, spec.profile.monit.port)


def probe_target(node: Node, port: int) -> str:
    """Return the target of a connection test: the host's address if the stack has one, else its name."""
    return f"{node.ip or node.fqdn}/{port}"

"""What a host is asked: every name, port, path and unit comes from the plan's nouns and the release profile. Pure."""

from collections.abc import Mapping

from components.packages.plan import UPLOAD, wanted
from components.release.spec import Site
from components.steps.plan import Value
from components.steps.script import COMPONENTS, assignment
from components.topology.cluster import Node

# The last one calls the others.
SCRIPTS = ("facts/scripts/read-system.sh", "facts/scripts/read-installed.sh", "facts/scripts/read-facts.sh")


def render(site: Site, node: Node) -> str:
    """Return what the reader sends to a host on standard input."""
    lines = [assignment(name, value) for name, value in questions(site, node).items()]
    return "\n".join([*lines, *((COMPONENTS / script).read_text().rstrip("\n") for script in SCRIPTS)]) + "\n"


def questions(site: Site, node: Node) -> Mapping[str, Value]:
    """Return what the reader's script needs for one host."""
    nodes = site.cluster.alive.values()
    profile = site.profile
    looked_at = [place.path for place in profile.storage] + [mount.path for mount in site.cluster.mounts_of(node.key)]
    return {
        "package": site.product_package,
        "packages": wanted(site, node),
        "etcd_root": profile.paths["etcd_root"],
        "upload": str(UPLOAD),
        "units": tuple(dict.fromkeys(profile.units.values())),
        "accounts": tuple(profile.accounts.names),
        "paths": tuple(dict.fromkeys([*looked_at, str(UPLOAD.parent)])),
        "names": tuple(other.fqdn for other in nodes),
        "addresses": tuple(other.ip for other in nodes if other.ip),
        "peers": tuple(door(peer, port) for peer, port in peers(site, node)),
    }


def peers(site: Site, node: Node) -> tuple[tuple[Node, int], ...]:
    """Return the other hosts' ports that a host must reach."""
    wanted = (
        (other, listener.port)
        for listener in site.profile.ports
        if any(node in site.on(noun) for noun in listener.reached_from)
        for other in site.on(listener.hosts)
        if other != node
    )
    return tuple(dict.fromkeys(wanted))


def ports(site: Site, node: Node) -> tuple[int, ...]:
    """Return the ports that a host will listen on."""
    listeners = [listener.port for listener in site.profile.ports if node in site.on(listener.hosts)]
    web = [site.profile.web.port] if node == site.cluster.web_api else []
    return (*listeners, *web, site.profile.monit.port)


def door(node: Node, port: int) -> str:
    """Return where a host's port is tried: at its address where the stack says one."""
    return f"{node.ip or node.fqdn}/{port}"

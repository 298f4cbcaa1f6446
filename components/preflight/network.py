"""Checks between hosts: names, ports, clocks."""

from collections.abc import Iterator
from statistics import median_low

from components.facts.model import Facts
from components.facts.queries import peers, ports, probe_target
from components.preflight.finding import Hosts, Violation, some
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

REACHED = frozenset({"open", "refused"})


def names(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts on which a name or an address of the cluster resolves to something else than declared."""
    nodes = spec.cluster.reachable
    common = {node.fqdn: _common(node, hosts) for node in nodes.values()}
    for key, facts in hosts.items():
        wrong = [text for node in nodes.values() for text in _wrong(node, facts, common[node.fqdn])]
        if wrong:
            required = "the same on every host, in both directions"
            remedy = "correct DNS or this host's /etc/hosts (the fully qualified name first)"
            yield Violation(node=nodes[key], actual=some(wrong), required=required, remedy=remedy)


def _common(node: Node, hosts: Hosts) -> tuple[str, ...]:
    """Return the expected addresses of a name: the declared one, else those on most hosts."""
    if node.ip:
        return (node.ip,)
    answers = [facts.forward.get(node.fqdn, ()) for facts in hosts.values()]
    return max(answers, key=answers.count, default=())  # no host was read


def _wrong(node: Node, facts: Facts, addresses: tuple[str, ...]) -> Iterator[str]:
    resolved = facts.forward.get(node.fqdn, ())
    if not resolved or resolved != addresses:
        yield f"{node.fqdn} is {' '.join(resolved) or 'unknown'}"
    if node.ip and facts.reverse.get(node.ip) != node.fqdn:
        yield f"{node.ip} is {facts.reverse.get(node.ip) or 'unknown'}"


def free_ports(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield untouched hosts on which a port of the product is in use; on others the product itself may use it."""
    for key, facts in hosts.items():
        node = spec.cluster.nodes[key]
        taken = [port for port in ports(spec, node) if port in facts.listening]
        if taken and facts.untouched:
            actual = some(f"{port} ({facts.listening[port] or 'unknown program'})" for port in taken)
            remedy = "stop and disable the program that listens there"
            yield Violation(node=node, actual=actual, required="free", remedy=remedy)


def reachable_ports(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts that get no answer from a port that they use; a refusal is an answer: services may not run yet."""
    for key, facts in hosts.items():
        node = spec.cluster.nodes[key]
        probes = [
            (peer, port, facts.peers.get(probe_target(peer, port), "not tried")) for peer, port in peers(spec, node)
        ]
        # a host that this machine cannot reach either is reported once, as unreachable
        blocked = [
            (peer, port, outcome) for peer, port, outcome in probes if peer.key in hosts and outcome not in REACHED
        ]
        if blocked:
            actual = some(f"{peer.key}:{port} {outcome}" for peer, port, outcome in blocked)
            remedy = "open these ports between the hosts, in their firewalls and in the network"
            yield Violation(node=node, actual=actual, required="an answer", remedy=remedy)


def clock(spec: DeploymentSpec, hosts: Hosts, limit: float) -> Iterator[Violation]:
    """Yield hosts whose clock certainly differs from the median by more than the limit."""
    if not hosts:
        return
    middle = median_low(sorted(facts.system.clock.middle for facts in hosts.values()))
    reference = next(facts.system.clock for facts in hosts.values() if facts.system.clock.middle == middle)
    for key, facts in hosts.items():
        own = facts.system.clock
        if max(own.low - reference.high, reference.low - own.high) > limit:
            direction = "ahead" if own.middle > middle else "behind"
            actual = f"{abs(own.middle - middle):.1f} s {direction}"
            remedy = "synchronize the clock with chrony or ntpd"
            yield Violation(
                node=spec.cluster.nodes[key], actual=actual, required=f"at most {limit:g} s apart", remedy=remedy
            )

"""What hosts must be to each other: names, ports, clocks."""

from collections.abc import Iterator
from statistics import median_low

from components.facts.model import Facts
from components.facts.queries import peers, ports, probe_target
from components.preflight.finding import Known, Violation, some
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

REACHED = frozenset({"open", "refused"})


def names(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts on which a name or an address of the cluster resolves differently than declared."""
    nodes = spec.cluster.reachable
    common = {node.fqdn: _common(node, known) for node in nodes.values()}
    for key, facts in known.items():
        wrong = [text for node in nodes.values() for text in _wrong(node, facts, common[node.fqdn])]
        if wrong:
            needed = "alike on every host, both ways"
            remedy = "correct DNS or this host's /etc/hosts (the full name first)"
            yield Violation(node=nodes[key], found=some(wrong), needed=needed, remedy=remedy)


def _common(node: Node, known: Known) -> tuple[str, ...]:
    """Return what a name should resolve to: the declared address, else what most hosts resolve."""
    if node.ip:
        return (node.ip,)
    answers = [facts.forward.get(node.fqdn, ()) for facts in known.values()]
    return max(answers, key=answers.count)


def _wrong(node: Node, facts: Facts, addresses: tuple[str, ...]) -> Iterator[str]:
    resolved = facts.forward.get(node.fqdn, ())
    if not resolved or resolved != addresses:
        yield f"{node.fqdn} is {' '.join(resolved) or 'unknown'}"
    if node.ip and facts.reverse.get(node.ip) != node.fqdn:
        yield f"{node.ip} is {facts.reverse.get(node.ip) or 'unknown'}"


def free_ports(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield untouched hosts on which something listens on the product's ports; later it may be the product."""
    for key, facts in known.items():
        node = spec.cluster.nodes[key]
        taken = [port for port in ports(spec, node) if port in facts.listening]
        if taken and facts.untouched:
            found = some(f"{port} ({facts.listening[port] or 'unknown program'})" for port in taken)
            yield Violation(node=node, found=found, needed="free", remedy="stop and disable what listens there")


def reachable_ports(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts that get no answer from a port they need; a refusal is an answer, as nothing may listen yet."""
    for key, facts in known.items():
        node = spec.cluster.nodes[key]
        tried = [
            (peer, port, facts.peers.get(probe_target(peer, port), "not tried")) for peer, port in peers(spec, node)
        ]
        # a host that this machine cannot reach either is reported once, as unreachable
        cut = [(peer, port, came) for peer, port, came in tried if peer.key in known and came not in REACHED]
        if cut:
            found = some(f"{peer.key}:{port} {came}" for peer, port, came in cut)
            remedy = "open these ports between the hosts, in their firewalls and in the network"
            yield Violation(node=node, found=found, needed="an answer", remedy=remedy)


def clock(spec: DeploymentSpec, known: Known, limit: float) -> Iterator[Violation]:
    """Yield hosts whose clock is certainly further from the middle one of all than the limit."""
    if not known:
        return
    middle = median_low(sorted(facts.system.clock.middle for facts in known.values()))
    among = next(facts.system.clock for facts in known.values() if facts.system.clock.middle == middle)
    for key, facts in known.items():
        own = facts.system.clock
        if max(own.low - among.high, among.low - own.high) > limit:
            way = "ahead" if own.middle > middle else "behind"
            found = f"{abs(own.middle - middle):.1f} s {way}"
            remedy = "let chrony or ntpd keep the clock"
            yield Violation(
                node=spec.cluster.nodes[key], found=found, needed=f"at most {limit:g} s apart", remedy=remedy
            )

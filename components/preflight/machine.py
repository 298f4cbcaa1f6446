"""What each machine must be and have (guide, System Requirements and Prerequisites)."""

import re
from collections.abc import Iterator

from components.config.units import show_size
from components.facts.model import System
from components.packages.plan import UPLOAD
from components.preflight.finding import Known, Violation
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

# The kernel keeps some of what is built in: a server sold with 128 GiB shows 123 to 126.
_KEPT_BY_KERNEL = 0.05


def _systems(spec: DeploymentSpec, known: Known) -> Iterator[tuple[Node, System]]:
    return ((spec.cluster.nodes[key], facts.system) for key, facts in known.items())


def operating_system(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose system is not the declared one, or too old."""
    for node, system in _systems(spec, known):
        fitting = spec.system(node).known
        version = int((re.match(r"\d+", system.os_version) or ["0"])[0])
        if not any(system.os == one.id and version >= one.version for one in fitting):
            needed = ", ".join(f"{one.id} {one.version or ''}".strip() for one in fitting)
            remedy = (
                f"install one of these, correct hosts.{node.key}.os, or set release.overrides.systems.{node.os}.known"
            )
            yield Violation(node=node, found=system.os_name, needed=f"{needed} or later", remedy=remedy)


def architecture(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts with another processor than the product is built for."""
    needed = spec.profile.architecture
    for node, system in _systems(spec, known):
        if system.architecture != needed:
            yield Violation(node=node, found=system.architecture, needed=needed, remedy="use another machine")


def systemd(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts that another init system runs."""
    for node, system in _systems(spec, known):
        if not system.systemd:
            yield Violation(node=node, found="another init system", needed="systemd", remedy="use another machine")


def memory(spec: DeploymentSpec, known: Known, limit: float) -> Iterator[Violation]:
    """Yield hosts with too little memory, on query hosts for the stack's load as well."""
    load = spec.cluster.config.load
    query = spec.cluster.with_role("query")
    share = spec.profile.memory.per_load * (load.users + load.persistent_queries) / max(len(query), 1)
    for node, system in _systems(spec, known):
        needed = max(limit, share if node in query else 0)
        if system.memory < needed * (1 - _KEPT_BY_KERNEL):
            remedy = "add memory, or set requirements.memory.minimum with a reason"
            yield Violation(node=node, found=show_size(system.memory), needed=show_size(needed), remedy=remedy)


def swap(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts that swap: it lengthens garbage collection until services take each other for dead."""
    for node, system in _systems(spec, known):
        if system.swap:
            remedy = "swapoff -a, and take it out of /etc/fstab"
            yield Violation(node=node, found=show_size(system.swap), needed="none", remedy=remedy)


def open_files(spec: DeploymentSpec, known: Known, limit: float) -> Iterator[Violation]:
    """Yield hosts with a low limit of open files."""
    for node, system in _systems(spec, known):
        if system.open_files < limit:
            remedy = "raise nofile in /etc/security/limits.d and DefaultLimitNOFILE of systemd"
            yield Violation(node=node, found=str(system.open_files), needed=f"{limit:.0f}", remedy=remedy)


def selinux(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts on which SELinux enforces: the guide has no rules for the product."""
    for node, system in _systems(spec, known):
        if system.selinux == "Enforcing":
            remedy = "setenforce 0, and SELINUX=permissive in /etc/selinux/config"
            yield Violation(node=node, found="Enforcing", needed="Permissive or Disabled", remedy=remedy)


def firewall(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts with an active firewall: which ports the product needs is not published."""
    unit = spec.profile.units["firewall"]
    for key, facts in known.items():
        if unit in facts.units and facts.units[unit].active == "active":
            remedy = f"systemctl disable --now {unit}, or open the ports of all services to all hosts of the cluster"
            yield Violation(node=spec.cluster.nodes[key], found=f"{unit} is active", needed="inactive", remedy=remedy)


def java(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts with another Java than the release's, or than most hosts have; none at all is installed later."""
    wanted = spec.profile.product.java
    right = [facts.java for facts in known.values() if facts.java.startswith(wanted)]
    for key, facts in known.items():
        node = spec.cluster.nodes[key]
        if facts.java and not facts.java.startswith(wanted):
            remedy = f"make Java {wanted} the one on PATH (alternatives --config java), or remove it"
            yield Violation(node=node, found=facts.java, needed=wanted, remedy=remedy)
        elif facts.java and facts.java != (common := max(right, key=right.count)):
            remedy = "install the same Java on all hosts: ciphers and certificates must fit"
            yield Violation(node=node, found=facts.java, needed=f"{common}, as most hosts", remedy=remedy)


def disk(spec: DeploymentSpec, known: Known, limit: float) -> Iterator[Violation]:
    """Yield hosts without space for the copied RPM."""
    directory = str(UPLOAD.parent)
    for key, facts in known.items():
        place = facts.filesystems.get(directory)
        if place and place.free < limit and not facts.product:
            found = f"{show_size(place.free)} free in {directory}"
            remedy = f"free space on {place.mounted_at}"
            yield Violation(node=spec.cluster.nodes[key], found=found, needed=show_size(limit), remedy=remedy)

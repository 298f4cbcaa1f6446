"""Checks of each machine (guide, System Requirements and Prerequisites)."""

import re
from collections.abc import Iterator

from components.config.units import show_size
from components.facts.model import System
from components.packages.plan import UPLOAD
from components.preflight.finding import Hosts, Violation
from components.release.spec import DeploymentSpec
from components.topology.cluster import Node

# The kernel reserves a part of the memory: a server sold with 128 GiB shows 123 to 126.
_RESERVED_BY_KERNEL = 0.05


def _systems(spec: DeploymentSpec, hosts: Hosts) -> Iterator[tuple[Node, System]]:
    return ((spec.cluster.nodes[key], facts.system) for key, facts in hosts.items())


def operating_system(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose operating system is not the declared one, or too old."""
    for node, system in _systems(spec, hosts):
        supported = spec.system(node).known
        version = int((re.match(r"\d+", system.os_version) or ["0"])[0])
        if not any(system.os == item.id and version >= item.version for item in supported):
            required = ", ".join(f"{item.id} {item.version or ''}".strip() for item in supported)
            remedy = (
                f"install one of these, correct hosts.{node.key}.os, or set release.overrides.systems.{node.os}.known"
            )
            yield Violation(node=node, actual=system.os_name, required=f"{required} or later", remedy=remedy)


def architecture(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with a processor for which the product is not built."""
    required = spec.profile.architecture
    for node, system in _systems(spec, hosts):
        if system.architecture != required:
            yield Violation(node=node, actual=system.architecture, required=required, remedy="use another machine")


def systemd(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with another init system than systemd."""
    for node, system in _systems(spec, hosts):
        if not system.systemd:
            yield Violation(node=node, actual="another init system", required="systemd", remedy="use another machine")


def memory(spec: DeploymentSpec, hosts: Hosts, limit: float) -> Iterator[Violation]:
    """Yield hosts with too little memory, on query hosts also for the stack's load."""
    load = spec.cluster.config.load
    query = spec.cluster.with_role("query")
    share = spec.profile.memory.per_load * (load.users + load.persistent_queries) / max(len(query), 1)
    for node, system in _systems(spec, hosts):
        required = max(limit, share if node in query else 0)
        if system.memory < required * (1 - _RESERVED_BY_KERNEL):
            remedy = "add memory, or set requirements.memory.minimum with a reason"
            yield Violation(node=node, actual=show_size(system.memory), required=show_size(required), remedy=remedy)


def swap(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with swap: it slows garbage collection until services consider each other dead."""
    for node, system in _systems(spec, hosts):
        if system.swap:
            remedy = "run swapoff -a, and remove swap from /etc/fstab"
            yield Violation(node=node, actual=show_size(system.swap), required="none", remedy=remedy)


def open_files(spec: DeploymentSpec, hosts: Hosts, limit: float) -> Iterator[Violation]:
    """Yield hosts with a low limit of open files."""
    for node, system in _systems(spec, hosts):
        if system.open_files < limit:
            remedy = "raise nofile in /etc/security/limits.d and DefaultLimitNOFILE of systemd"
            yield Violation(node=node, actual=str(system.open_files), required=f"{limit:.0f}", remedy=remedy)


def selinux(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts on which SELinux enforces: the guide has no SELinux rules for the product."""
    for node, system in _systems(spec, hosts):
        if system.selinux == "Enforcing":
            remedy = "run setenforce 0, and set SELINUX=permissive in /etc/selinux/config"
            yield Violation(node=node, actual="Enforcing", required="Permissive or Disabled", remedy=remedy)


def firewall(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with an active firewall: the vendor does not publish which ports the product needs."""
    unit = spec.profile.units["firewall"]
    for key, facts in hosts.items():
        if unit in facts.units and facts.units[unit].active == "active":
            remedy = (
                f"run systemctl disable --now {unit}, or open the ports of all services to all hosts of the cluster"
            )
            yield Violation(
                node=spec.cluster.nodes[key], actual=f"{unit} is active", required="inactive", remedy=remedy
            )


def java(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose Java differs from the release's or from most hosts'; a missing one is installed later."""
    required = spec.profile.product.java
    supported = [facts.java for facts in hosts.values() if facts.java.startswith(required)]
    for key, facts in hosts.items():
        node = spec.cluster.nodes[key]
        if facts.java and not facts.java.startswith(required):
            remedy = f"select Java {required} with alternatives --config java, or remove the other one"
            yield Violation(node=node, actual=facts.java, required=required, remedy=remedy)
        elif facts.java and facts.java != (common := max(supported, key=supported.count)):
            remedy = "install the same Java on all hosts: their ciphers and certificates must match"
            yield Violation(node=node, actual=facts.java, required=f"{common}, as on most hosts", remedy=remedy)


def disk(spec: DeploymentSpec, hosts: Hosts, limit: float) -> Iterator[Violation]:
    """Yield hosts without space for the uploaded RPM."""
    directory = str(UPLOAD.parent)
    for key, facts in hosts.items():
        filesystem = facts.filesystems.get(directory)
        if filesystem and filesystem.free < limit and not facts.product:
            actual = f"{show_size(filesystem.free)} free in {directory}"
            remedy = f"free space on {filesystem.mounted_at}"
            yield Violation(node=spec.cluster.nodes[key], actual=actual, required=show_size(limit), remedy=remedy)

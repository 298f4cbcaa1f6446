"""Checks of what each host must present for itself (name, machine-id), and of what all must share (account ids)."""

from collections.abc import Iterator, Mapping

from components.facts.model import Account
from components.preflight.finding import Hosts, Violation
from components.release.spec import DeploymentSpec


def host_names(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with the same host name."""
    own = {key: facts.system.host_name for key, facts in hosts.items()}
    yield from _duplicates(spec, own, remedy="run hostnamectl set-hostname with the fully qualified name of the host")


def machine_id(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts with the same machine-id: they are copies of an image that had run before."""
    own = {key: facts.system.machine_id for key, facts in hosts.items()}
    yield from _duplicates(spec, own, remedy="run rm /etc/machine-id, systemd-machine-id-setup and reboot")


def _duplicates(spec: DeploymentSpec, own: Mapping[str, str], *, remedy: str) -> Iterator[Violation]:
    for key, value in own.items():
        others = [other for other in own if other != key and own[other] == value]
        if others:
            actual = f"{value}, same as {', '.join(others)}"
            yield Violation(node=spec.cluster.nodes[key], actual=actual, required="a unique one", remedy=remedy)


def accounts(spec: DeploymentSpec, hosts: Hosts, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose account ids differ from the declared or usual ones: shared files would change owners."""
    sharing = [key for key in _sharing(spec) if key in hosts]
    for name in spec.profile.accounts.names:
        declared = spec.accounts.get(name)
        compared = hosts if declared else sharing
        present = {key: hosts[key].accounts[name] for key in compared if name in hosts[key].accounts}
        if declared:
            yield from _differing(spec, name, present, Account(uid=declared.uid, gid=declared.gid))
        elif present:
            yield from _differing(spec, name, present, max(present.values(), key=list(present.values()).count))


def _differing(
    spec: DeploymentSpec, name: str, present: Mapping[str, Account], expected: Account
) -> Iterator[Violation]:
    for key, account in present.items():
        if account != expected:
            actual = f"{name} is {account.uid}:{account.gid}"
            remedy = (
                f"run usermod -u {expected.uid} {name}, groupmod -g {expected.gid} on its group, and chown its files"
            )
            required = f"{expected.uid}:{expected.gid}"
            yield Violation(node=spec.cluster.nodes[key], actual=actual, required=required, remedy=remedy)


def _sharing(spec: DeploymentSpec) -> list[str]:
    """Return the hosts that share files."""
    inventory = {group for storage in spec.profile.storage if storage.kind == "shared" for group in storage.hosts}
    return sorted({node.key for group in inventory for node in spec.hosts_in(group)})

"""What must be a host's own, and what must be alike on all: names, machine-ids, the accounts' ids."""

from collections.abc import Iterator, Mapping

from components.facts.model import Account
from components.preflight.finding import Known, Violation
from components.release.spec import DeploymentSpec


def host_names(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts that call themselves alike."""
    own = {key: facts.system.host_name for key, facts in known.items()}
    yield from _alike(spec, own, remedy="hostnamectl set-hostname with the host's own full name")


def machine_id(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts with the same machine-id: they were made from one image that had run before."""
    own = {key: facts.system.machine_id for key, facts in known.items()}
    yield from _alike(spec, own, remedy="rm /etc/machine-id; systemd-machine-id-setup; reboot")


def _alike(spec: DeploymentSpec, own: Mapping[str, str], *, remedy: str) -> Iterator[Violation]:
    for key, value in own.items():
        others = [other for other in own if other != key and own[other] == value]
        if others:
            found = f"{value}, as {', '.join(others)}"
            yield Violation(node=spec.cluster.nodes[key], found=found, needed="its own", remedy=remedy)


def accounts(spec: DeploymentSpec, known: Known, _limit: float) -> Iterator[Violation]:
    """Yield hosts whose accounts have other ids than declared or than most: a shared file would belong to another."""
    sharing = [key for key in _sharing(spec) if key in known]
    for name in spec.profile.accounts.names:
        declared = spec.accounts.get(name)
        hosts = known if declared else sharing
        have = {key: known[key].accounts[name] for key in hosts if name in known[key].accounts}
        if declared:
            yield from _others(spec, name, have, Account(uid=declared.uid, gid=declared.gid))
        elif have:
            yield from _others(spec, name, have, max(have.values(), key=list(have.values()).count))


def _others(spec: DeploymentSpec, name: str, have: Mapping[str, Account], right: Account) -> Iterator[Violation]:
    for key, account in have.items():
        if account != right:
            found = f"{name} is {account.uid}:{account.gid}"
            remedy = f"usermod -u {right.uid} {name}, groupmod -g {right.gid} its group, and give it its files again"
            yield Violation(node=spec.cluster.nodes[key], found=found, needed=f"{right.uid}:{right.gid}", remedy=remedy)


def _sharing(spec: DeploymentSpec) -> list[str]:
    """Return the hosts that see the same files."""
    inventory = {group for storage in spec.profile.storage if storage.kind == "shared" for group in storage.hosts}
    return sorted({node.key for group in inventory for node in spec.hosts_in(group)})

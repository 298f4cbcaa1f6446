"""What must be a host's own, and what must be alike on all: names, machine-ids, the accounts' ids."""

from collections.abc import Iterator, Mapping

from components.facts.model import Account
from components.preflight.finding import Known, Miss
from components.release.spec import Site


def host_names(site: Site, known: Known, _limit: float) -> Iterator[Miss]:
    """Yield hosts that call themselves alike."""
    own = {key: facts.system.host_name for key, facts in known.items()}
    yield from _alike(site, own, remedy="hostnamectl set-hostname with the host's own full name")


def machine_id(site: Site, known: Known, _limit: float) -> Iterator[Miss]:
    """Yield hosts with the same machine-id: they were made from one image that had run before."""
    own = {key: facts.system.machine_id for key, facts in known.items()}
    yield from _alike(site, own, remedy="rm /etc/machine-id; systemd-machine-id-setup; reboot")


def _alike(site: Site, own: Mapping[str, str], *, remedy: str) -> Iterator[Miss]:
    for key, value in own.items():
        others = [other for other in own if other != key and own[other] == value]
        if others:
            found = f"{value}, as {', '.join(others)}"
            yield Miss(node=site.cluster.nodes[key], found=found, needed="its own", remedy=remedy)


def accounts(site: Site, known: Known, _limit: float) -> Iterator[Miss]:
    """Yield hosts whose accounts have other ids than declared or than most: a shared file would belong to another."""
    sharing = [key for key in _sharing(site) if key in known]
    for name in site.profile.accounts.names:
        declared = site.accounts.get(name)
        hosts = known if declared else sharing
        have = {key: known[key].accounts[name] for key in hosts if name in known[key].accounts}
        if declared:
            yield from _others(site, name, have, Account(uid=declared.uid, gid=declared.gid))
        elif have:
            yield from _others(site, name, have, max(have.values(), key=list(have.values()).count))


def _others(site: Site, name: str, have: Mapping[str, Account], right: Account) -> Iterator[Miss]:
    for key, account in have.items():
        if account != right:
            found = f"{name} is {account.uid}:{account.gid}"
            remedy = f"usermod -u {right.uid} {name}, groupmod -g {right.gid} its group, and give it its files again"
            yield Miss(node=site.cluster.nodes[key], found=found, needed=f"{right.uid}:{right.gid}", remedy=remedy)


def _sharing(site: Site) -> list[str]:
    """Return the hosts that see the same files."""
    nouns = {noun for storage in site.profile.storage if storage.kind == "shared" for noun in storage.hosts}
    return sorted({node.key for noun in nouns for node in site.on(noun)})

"""What would be gone: the build that runs, the last server of a kind, a host with state. Pure."""

import re
from collections.abc import Iterator

from components.config.loader import ROOT
from components.release.spec import Site
from components.safety.refusal import Refusal
from components.topology.manifest import Record, database

# Where a stack file names the servers of a kind; the others are roles of hosts.
NAMED = {
    "config": "config_servers",
    "auth": "auth_servers",
    "web_api": "services.web_api",
    "controller": "services.controller",
    "cus": "services.cus",
    "tdcp": "services.tdcp",
}


def judge(site: Site, known: Record) -> Iterator[Refusal]:
    """Yield what a cluster that is there would lose."""
    yield from _older(site, known)
    yield from _last(site, known)
    yield from _state(site, known)
    yield from _database(site, known)


def _older(site: Site, known: Record) -> Iterator[Refusal]:
    """Never go back to an older build: the guide says nothing of a way back."""
    there, declared = known.release, site.product_release
    if _numbers(there) > _numbers(declared):
        yield Refusal(
            "downgrade",
            f"{ROOT}.release.build: the cluster runs {there}, declared is {declared}; the guide has no way back to an"
            " older build: declare the one that runs, or a newer one",
        )


def _numbers(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", release)]


def _last(site: Site, known: Record) -> Iterator[Refusal]:
    """Guide, Planning: what runs needs at least one of each; who loses the last must mean it."""
    kinds = site.cluster.kinds()
    for kind, keys in known.kinds.items():
        if keys and not kinds.get(kind, ("unknown",)):
            yield Refusal(
                "last-of-kind",
                f"{ROOT}.{NAMED.get(kind, 'hosts')}: {', '.join(keys)} was the last {kind} server;"
                f" declare another {kind} server first",
            )


def _state(site: Site, known: Record) -> Iterator[Refusal]:
    """Let a host leave in two updates when it keeps what no installation brings back."""
    for key, host in known.hosts.items():
        if key in site.cluster.config.hosts or not host.state or host.leaves:
            continue
        kept = ", ".join(host.state)
        yield Refusal(
            "state",
            f"{ROOT}.hosts: {key} ({host.fqdn}) is taken out and keeps state ({kept}); put it back with"
            " retire: true, or lost: true when the machine is gone, run pulumi up, then take it out",
        )


def _database(site: Site, known: Record) -> Iterator[Refusal]:
    declared = database(site.cluster)
    if known.acl_database and known.acl_database != declared:
        yield Refusal(
            "acl-database",
            f"{ROOT}.services.acl_database: the accounts are in the database on {known.acl_database}, declared is"
            f" {declared}, which would begin empty: name {known.acl_database}, or carry the data over",
        )

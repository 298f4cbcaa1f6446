"""Protects against loss: the running build, the last server of a kind, a host with state. Pure."""

import re
from collections.abc import Iterator

from components.config.loader import ROOT
from components.release.spec import DeploymentSpec
from components.safety.finding import SafetyFinding
from components.topology.manifest import Manifest, database

# Where a stack file names the servers of a kind; the others are roles of hosts.
KEY_PATHS = {
    "config": "config_servers",
    "auth": "auth_servers",
    "web_api": "services.web_api",
    "controller": "services.controller",
    "cus": "services.cus",
    "tdcp": "services.tdcp",
}


def check_removal(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    """Yield what an existing cluster would lose."""
    yield from _downgrade(spec, recorded)
    yield from _last_of_kind(spec, recorded)
    yield from _host_with_state(spec, recorded)
    yield from _acl_database(spec, recorded)


def _downgrade(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    """Never go back to an older build: the guide describes no downgrade."""
    declared = spec.product_release
    if _numbers(recorded.release) > _numbers(declared):
        yield SafetyFinding(
            "downgrade",
            f"{ROOT}.release.build: the cluster runs {recorded.release}, declared is {declared}; declare the running"
            " build or a newer one: the guide describes no downgrade",
        )


def _numbers(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", release)]


def _last_of_kind(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    """Guide, Planning: a running cluster needs at least one server of each kind."""
    kinds = spec.cluster.kinds()
    for kind, keys in recorded.kinds.items():
        if keys and not kinds.get(kind, ("unknown",)):
            yield SafetyFinding(
                "last-of-kind",
                f"{ROOT}.{KEY_PATHS.get(kind, 'hosts')}: {', '.join(keys)} was the last {kind} server;"
                f" declare another {kind} server first",
            )


def _host_with_state(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    """Remove a host in two updates when it keeps what no installation restores."""
    for key, host in recorded.hosts.items():
        if key in spec.cluster.config.hosts or not host.state or host.leaves:
            continue
        yield SafetyFinding(
            "host-with-state",
            f"{ROOT}.hosts: {key} ({host.fqdn}) is removed and keeps state ({', '.join(host.state)}); put it back with"
            " retire: true, or lost: true if the machine no longer exists, run pulumi up, then remove it",
        )


def _acl_database(spec: DeploymentSpec, recorded: Manifest) -> Iterator[SafetyFinding]:
    declared = database(spec.cluster)
    if recorded.acl_database and recorded.acl_database != declared:
        yield SafetyFinding(
            "acl-database",
            f"{ROOT}.services.acl_database: the accounts are in the database on {recorded.acl_database}, declared is"
            f" {declared}, which would start empty; name {recorded.acl_database}, or migrate the data",
        )

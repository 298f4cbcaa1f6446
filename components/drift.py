"""Drift: which steps' work no longer holds on their hosts, and why. Pure.

pulumi-command never reads a host, so a reason becomes part of a step's `update` text: the preview shows it, and the
update repairs the drift. Each reason must be unique, because Pulumi would not run the same text again for a second
damage of the same kind. So it has the time of the step's last success or, without one, the machine and the time of
reading.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from components.facts.model import ABSENT, MACHINE, Facts, HostFacts
from components.installation import Installation
from components.steps.model import AnyStep, FileCopy, FileTransfer, Step, Value
from components.steps.reason import Reason
from components.steps.script import digest
from components.topology.manifest import Manifest

WELL = ("OK", "Running")
# Transient states end by themselves.
TRANSIENT = ("Initializing", "OK - ", "Running - ", "Waiting")
UNWANTED = ("disabled", "masked")
DOWN = ("", "inactive", "failed")


def find_drift(
    steps: Iterable[AnyStep], facts: Mapping[str, HostFacts], *, installed: Iterable[str], now: datetime
) -> Mapping[str, Reason]:
    """Return why steps must run again, by resource name; intact and unreadable work has no reason.

    `installed` are the keys of hosts on which a missing receipt means lost work and not a new step.
    """
    reasons: dict[str, Reason] = {}
    existing = set(installed)
    copies: list[FileCopy] = []
    for step in steps:
        host = facts.get(step.node.key)
        if not isinstance(host, Facts):
            continue
        if isinstance(step, FileCopy):
            copies.append(step)
        elif reason := _reason(step, host, lost=step.node.key in existing, now=now):
            reasons[step.resource_name] = reason
    for copy in copies:  # an uploaded file has no receipt: the installation of the product needs it again
        reason = reasons.get(Installation.PRODUCT.on(copy.node))
        if reason:
            reasons[copy.resource_name] = reason
    return reasons


def installed_hosts(facts: Mapping[str, HostFacts], manifest: Manifest | None) -> set[str]:
    """Return the hosts on which a missing receipt means lost work: those in the manifest or with other receipts.

    Without a manifest, hosts before their first installation look like hosts that lost everything. That is harmless: a
    step that is created ignores its reason.
    """
    if not manifest:
        return set(facts)
    return {
        key for key, host in facts.items() if key in manifest.hosts or (isinstance(host, Facts) and not host.untouched)
    }


def _reason(step: Step | FileTransfer, host: Facts, *, lost: bool, now: datetime) -> Reason | None:
    receipt, machine = host.receipts.get(step.name), host.system.machine_id
    read = {"machine": machine[:MACHINE], "since": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    if receipt is None:
        return Reason(what=("no receipt on machine",), **read) if lost else None
    if receipt.damage:
        return Reason(what=("unreadable receipt on machine",), **read)
    if receipt.machine not in ("", machine):
        return Reason(what=("receipt of a different machine, this one is",), **read)
    what = (
        *(["the last run did not succeed"] if step.name in host.attempts else ()),
        *(["the last run had other inputs"] if receipt.inputs not in ("", _inputs(step)) else ()),
        *(
            f"{path} {'was removed' if receipt.now.get(path, ABSENT) == ABSENT else 'changed'}"
            for path in receipt.changed
        ),
        *(_broken(step.ensures, host) if isinstance(step, Step) else ()),
    )
    return Reason(what=what, since=receipt.time) if what else None


def _inputs(step: Step | FileTransfer) -> str:
    """Return the digest that the receipt of a run with the declared inputs has.

    The state may be older than the host: an update without checkpoints was killed, or an older state was imported.
    """
    return digest((step.import_ if isinstance(step, FileTransfer) else step).inputs)


def _broken(ensures: Mapping[str, Value], host: Facts) -> Iterator[str]:
    """Yield the parts of a step's work that no longer hold."""
    for key, value in ensures.items():
        yield from BROKEN[key]((value,) if isinstance(value, str) else value, host)


def _unit(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    for name in names:
        unit = host.units.get(name)
        if unit and unit.enabled in UNWANTED:
            yield f"unit {name} is {unit.enabled}"
        if unit and unit.active in DOWN:
            yield f"unit {name} is {unit.active or 'missing'}"


def _packages(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from (f"package {name} was removed" for name in names if host.packages.get(name) is False)


def _mounts(paths: tuple[str, ...], host: Facts) -> Iterator[str]:
    for path in paths:
        if path in host.filesystems and host.filesystems[path].mounted_at != path:
            yield f"{path} is not mounted"


def _accounts(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from (f"account {name} was removed" for name in names if name not in host.accounts)


def _build(releases: tuple[str, ...], host: Facts) -> Iterator[str]:
    for release in releases:
        if host.product != release:
            yield f"the product is {host.product or 'removed'}, {release} is declared"


def _upload(paths: tuple[str, ...], host: Facts) -> Iterator[str]:
    if not host.upload:
        yield from (f"{path} is not private to the ssh user" for path in paths)


def _monitored(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    if host.monit:  # if monit does not answer, its own step reports that
        yield from (f"monit lacks {name}" for name in names if name not in host.monit)


def _services(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from _monitored(names, host)
    for name in names:
        status = host.monit.get(name)
        if status and status not in WELL and not status.startswith(TRANSIENT):
            yield f"{name} is {status}"


BROKEN = {
    "unit": _unit,
    "packages": _packages,
    "mounts": _mounts,
    "accounts": _accounts,
    "build": _build,
    "upload": _upload,
    "monitored": _monitored,
    "services": _services,
}

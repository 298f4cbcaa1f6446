"""Drift: which steps' work no longer stands on their hosts, and why. Pure.

pulumi-command never reads a host, so a reason becomes a step's `update` text: the preview shows it, the update repairs
it. A reason is always unique, or the same damage done twice would read the same and not be repaired the second time: it
carries the time of the step's last success, or, where there is none, the machine and the time of reading.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from components.facts.model import ABSENT, MACHINE, Facts, HostFacts
from components.steps.plan import Action, Copy, Relay, Task, Value
from components.steps.reason import Reason
from components.topology.manifest import Record

WELL = ("OK", "Running")
# What a service is on its way to, or from which it comes back by itself.
PASSING = ("Initializing", "OK - ", "Running - ", "Waiting")
UNWANTED = ("disabled", "masked")
DOWN = ("", "inactive", "failed")


def reasons(
    tasks: Iterable[Task], facts: Mapping[str, HostFacts], *, lost: Iterable[str], now: datetime
) -> Mapping[str, Reason]:
    """Return why a step must run again, by the names of tasks; what is intact or unknown has no reason.

    `lost` are the keys of hosts on which a step without a receipt is one whose work is gone, not one yet to come.
    """
    found: dict[str, Reason] = {}
    gone = set(lost)
    copies: list[Copy] = []
    for task in tasks:
        host = facts.get(task.node.key)
        if not isinstance(host, Facts):
            continue
        if isinstance(task, Copy):
            copies.append(task)
        elif reason := _reason(task, host, lost=task.node.key in gone, now=now):
            found[task.name] = reason
    for copy in copies:  # an uploaded file has no receipt: it is needed again when what it is for is
        wanted = found.get(f"{copy.node.key}-product")
        if wanted:
            found[copy.name] = wanted
    return found


def installed(facts: Mapping[str, HostFacts], record: Record | None) -> set[str]:
    """Return the hosts on which a missing receipt means lost work: all but those that a cluster record does not know.

    Without a record nothing tells a first installation from hosts that lost everything; a step that is created does not
    mind its reason.
    """
    if not record:
        return set(facts)
    return {
        key for key, host in facts.items() if key in record.hosts or (isinstance(host, Facts) and not host.untouched)
    }


def _reason(task: Action | Relay, host: Facts, *, lost: bool, now: datetime) -> Reason | None:
    receipt, machine = host.receipts.get(task.step), host.system.machine_id
    read = {"machine": machine[:MACHINE], "since": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    if receipt is None:
        return Reason(what=("no receipt of it on machine",), **read) if lost else None
    if receipt.damage:
        return Reason(what=("its receipt cannot be read on machine",), **read)
    if receipt.machine not in ("", machine):
        return Reason(what=("its receipt is of another machine than",), **read)
    what = (
        *(
            f"{path} {'was removed' if receipt.now.get(path, ABSENT) == ABSENT else 'changed'}"
            for path in receipt.changed
        ),
        *(_broken(task.keeps, host) if isinstance(task, Action) else ()),
    )
    return Reason(what=what, since=receipt.time) if what else None


def _broken(keeps: Mapping[str, Value], host: Facts) -> Iterator[str]:
    """Yield what is no longer true of what a step keeps true."""
    for key, value in keeps.items():
        yield from KEEPERS[key]((value,) if isinstance(value, str) else value, host)


def _unit(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    for name in names:
        unit = host.units.get(name)
        if unit and unit.enabled in UNWANTED:
            yield f"unit {name} is {unit.enabled}"
        if unit and unit.active in DOWN:
            yield f"unit {name} is {unit.active or 'gone'}"


def _packages(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from (f"package {name} was removed" for name in names if host.packages.get(name) is False)


def _mounts(paths: tuple[str, ...], host: Facts) -> Iterator[str]:
    for path in paths:
        if path in host.places and host.places[path].mounted_at != path:
            yield f"{path} is not mounted"


def _accounts(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from (f"account {name} was removed" for name in names if name not in host.accounts)


def _build(releases: tuple[str, ...], host: Facts) -> Iterator[str]:
    for release in releases:
        if host.product != release:
            yield f"the product is {host.product or 'removed'}, declared is {release}"


def _upload(paths: tuple[str, ...], host: Facts) -> Iterator[str]:
    if not host.upload:
        yield from (f"{path} is not private to the ssh user" for path in paths)


def _known(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    if host.monit:  # without it nothing is known, and its own step tells that it is down
        yield from (f"monit lacks {name}" for name in names if name not in host.monit)


def _services(names: tuple[str, ...], host: Facts) -> Iterator[str]:
    yield from _known(names, host)
    for name in names:
        status = host.monit.get(name)
        if status and status not in WELL and not status.startswith(PASSING):
            yield f"{name} is {status}"


KEEPERS = {
    "unit": _unit,
    "packages": _packages,
    "mounts": _mounts,
    "accounts": _accounts,
    "build": _build,
    "upload": _upload,
    "known": _known,
    "services": _services,
}

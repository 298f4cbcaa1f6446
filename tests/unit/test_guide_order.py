"""The order of the plan is the guide's: each relaxation of it is listed here, with its reason.

Every pair of the guide's steps a < b, on every pair of hosts, needs a path in the plan unless a relaxation covers it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import given

from components.installation import Installation
from components.plan import plan
from components.steps.model import AnyStep, Plan
from tests.unit.conftest import make_spec, spec_of
from tests.unit.recorder import DIGEST
from tests.unit.test_installation import STACKS, clusters, dependencies

Where = Callable[[AnyStep, AnyStep], bool]


def anywhere(_first: AnyStep, _second: AnyStep) -> bool:
    return True


def elsewhere(first: AnyStep, second: AnyStep) -> bool:
    return first.node != second.node


def database(first: AnyStep, _second: AnyStep) -> bool:
    return first.row is Installation.DATABASE


def own_cus(first: AnyStep, _second: AnyStep) -> bool:
    return first.row is Installation.CUS_ELSEWHERE


def client(first: AnyStep, second: AnyStep) -> bool:
    return first.row is Installation.ETCD_CLIENT and first.node != second.node


def copy(_first: AnyStep, second: AnyStep) -> bool:
    return second.name == Installation.RPM_FILE.step


@dataclass(frozen=True)
class Relaxation:
    """Pairs of guide steps that need no path, on which hosts, and why."""

    firsts: range
    seconds: range
    where: Where
    reason: str


def steps(first: int, last: int | None = None) -> range:
    return range(first, (last or first) + 1)


RELAXATIONS = (
    Relaxation(steps(1, 5), steps(2, 22), elsewhere, "hosts are prepared at the same time; what a host feeds"
               " to another one comes from a later step of its own"),
    Relaxation(steps(1, 4), steps(2, 4), anywhere, "one step installs all packages of a host"),
    Relaxation(steps(1, 4), steps(5), copy, "the copy of the RPM takes long, and installs nothing"),
    Relaxation(steps(3), steps(4, 19), database, "MariaDB is first used in step 17"),
    Relaxation(steps(2), steps(5, 13), anywhere, "step 2 installs the connector, which step 14 copies"),
    Relaxation(steps(6), steps(7, 12), anywhere, "etcd has certificates of its own; step 13 is the first reader"),
    Relaxation(steps(6), steps(14), anywhere, "the connector is a jar that reads no certificate"),
    Relaxation(steps(8, 9), steps(9, 12), elsewhere, "each member unpacks its own files; step 11 has --sequential, and"
               " step 12 waits for all members"),
    Relaxation(steps(8, 10), steps(10, 12), anywhere, "the client configuration of step 10 is first read in step 13"),
    Relaxation(steps(7, 12), steps(14), anywhere, "the connector is independent of etcd"),
    Relaxation(steps(13), steps(14), anywhere, "the connector is independent of the keys"),
    Relaxation(steps(8, 10), steps(17), anywhere, "the ACL database does not read etcd's configuration"),
    Relaxation(steps(8, 10), steps(13, 22), client, "a further configuration server reads etcd when its own services"
               " start, in step 22"),
    Relaxation(steps(14), steps(15, 22), elsewhere, "services read the connector when they start, in step 22"),
    Relaxation(steps(17), steps(18, 19), anywhere, "the update service and the routing do not read the ACL database"),
    Relaxation(steps(18), steps(19), anywhere, "the routing does not read the update service's settings"),
    Relaxation(steps(18), steps(20, 21), own_cus, "an update service on a host of its own needs the keys, which step"
               " 21 brings there"),
    Relaxation(steps(18), steps(22), elsewhere, "each host's services start after its own preparation"),
    Relaxation(steps(21), steps(22), elsewhere, "each host needs only its own archive"),
)  # fmt: skip


def numbers(step: AnyStep) -> Iterator[int]:
    """Yield the numbers of the guide's steps that a step does; chapters on patches and servers have none."""
    if re.fullmatch(r"[\d, -]+", step.row.guide) and step.row.guide != "-":
        for part in step.row.guide.split(", "):
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)


def pairs(planned: Plan) -> Iterator[tuple[int, AnyStep, int, AnyStep]]:
    """Yield each pair of numbered steps of the guide a < b, on any hosts."""
    numbered = [(number, step) for step in planned for number in numbers(step)]
    yield from ((a, first, b, second) for (a, first), (b, second) in product(numbered, numbered) if a < b)


def unordered(planned: Plan) -> Iterator[tuple[int, str, int, str]]:
    """Yield each pair of guide steps without a path and without a relaxation."""
    before = dependencies(planned)
    for a, first, b, second in pairs(planned):
        if first is not second and first.resource_name not in before[second.resource_name]:
            covered = any(a in r.firsts and b in r.seconds and r.where(first, second) for r in RELAXATIONS)
            if not covered:
                yield a, first.resource_name, b, second.resource_name


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_follows_the_guide(stack: str) -> None:
    planned = plan(spec_of(stack), digest=DIGEST)
    assert list(unordered(planned)) == []
    assert len(list(pairs(planned))) > 200


@given(clusters())
def test_every_cluster_follows_the_guide(raw: Mapping[str, Any]) -> None:
    assert list(unordered(plan(make_spec(raw), digest=DIGEST))) == []

"""Many hosts: steps, resources and dependencies grow with the number of hosts, not with its square."""

import json
import statistics
from functools import cache

import pytest

from components.plan import plan
from components.steps.model import Plan
from tests.support.scale import many
from tests.unit.conftest import make_spec
from tests.unit.recorder import DIGEST, plain, record

SIZES = (10, 100, 1000)


@cache
def planned(count: int) -> Plan:
    """Return the plan for this many hosts."""
    return plan(make_spec(many(count)), digest=DIGEST)


def grown(numbers: dict[int, int]) -> float:
    """Return the increase per host, which must be the same between any two sizes."""
    small, middle, large = (numbers[size] for size in SIZES)
    first = (middle - small) / (SIZES[1] - SIZES[0])
    second = (large - middle) / (SIZES[2] - SIZES[1])
    assert first == pytest.approx(second, rel=0.02)
    return second


def test_steps_and_dependencies_grow_linearly() -> None:
    plans = {size: planned(size) for size in SIZES}
    # two steps and four dependencies are those of mounts and accounts, which this stack declares
    assert grown({size: len(steps) for size, steps in plans.items()}) <= 13
    assert grown({size: sum(len(step.after) for step in steps) for size, steps in plans.items()}) <= 21


def test_the_longest_chain_does_not_grow() -> None:
    lengths = set()
    for size in SIZES:
        length: dict[str, int] = {}
        for step in planned(size):
            length[step.resource_name] = 1 + max((length[name] for name in step.after), default=0)
        lengths.add(max(length.values()))
    assert len(lengths) == 1


def test_resources_are_the_steps_of_the_plan_and_a_password_per_host() -> None:
    spec = make_spec(many(40))
    graph = record(spec)
    steps = planned(len(spec.cluster.nodes))
    named = [request for request in graph.requests.values() if request.custom]
    assert len(named) == len(steps) + len(spec.cluster.nodes)
    edges = sum(len(request.dependencies) for request in named)
    assert edges == sum(len(step.after) for step in steps) + len(spec.cluster.nodes)


def test_the_inputs_of_a_resource_are_small() -> None:
    graph = record(make_spec(many(SIZES[0])))
    sizes = {name: len(json.dumps(plain(request.object))) for name, request in graph.requests.items()}
    # The state holds each input twice, as an input and as an output, and the file backend writes the whole state for
    # each resource: 3.5 kB of inputs are about 10 kB of state, with what the SDK and the plugin add.
    assert statistics.mean(sizes.values()) < 3500
    large = {name for name, size in sizes.items() if size > 8000}
    assert {name.rpartition("-")[2] for name in large} == {"host"}

"""The plan: for the test stack as a readable list, for any valid cluster as properties."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plan import parts, plan
from components.release.profile import load
from components.release.site import Site
from components.topology.cluster import Cluster, Node
from components.topology.config import ClusterConfig
from components.topology.plan import Action, Plan

EXPECTED = Path(__file__).parent / "plan.test.txt"
COMPONENTS = Path(__file__).parents[2] / "components"
DIGEST = "0" * 64
# What the guide's order demands, whatever the shape of the cluster: the second never before the first.
GUIDE = [
    ("product", "etcd-config"), ("etcd-config", "etcd-enable"), ("etcd-enable", "etcd-present"),
    ("etcd-present", "etcd-admin"), ("etcd-admin", "keygen"), ("keygen", "config-server"),
    ("config-server", "endpoints"), ("endpoints", "cus"), ("endpoints", "routing"), ("database", "acl-database"),
    ("routing", "config-import"), ("cus", "config-import"), ("config-import", "roles"), ("acl-database", "roles"),
    ("roles", "start-config-server"), ("start-config-server", "start-auth-server"), ("start-auth-server", "start"),
    ("start", "services-ok"), ("services-ok", "verify"), ("etcd-ok", "verify"), ("verify", "record"),
    ("anchor", "packages"),
    ("packages", "monit"), ("monit", "stop"), ("stop", "product"), ("rpm", "product"), ("product", "connector"),
]  # fmt: skip


def test_the_test_stack_is_planned_as_expected(site: Site) -> None:
    """Compare with the list beside this file; after a wanted change, write `describe()` there and read the diff."""
    assert plan(parts(site, digest=DIGEST)).describe() == EXPECTED.read_text()


def test_each_step_gets_the_inputs_that_its_script_needs(site: Site) -> None:
    for task in plan(parts(site, digest=DIGEST)):
        if isinstance(task, Action):
            text = (COMPONENTS / task.script).read_text()
            needs = re.search(r"^needs (.+)$", text, re.MULTILINE)
            assert needs is not None, task.script
            # `release` alone may be given without being read: another build makes the step run again
            assert {*task.inputs, *task.secrets} - {"release"} == {*needs[1].split()} - {"release"}, task.name


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a configuration of several hosts, as the door will accept them once clusters are installed."""
    count = draw(st.integers(1, 6))
    keys = [f"host{n}" for n in range(count)]
    roles = {key: draw(st.lists(st.sampled_from(["infra", "batch", "query"]), unique=True)) for key in keys}
    roles[keys[0]] = ["infra", "dis"]
    return {
        "environment": "test",
        "release": {"version": "1.20200121", "build": "008", "rpm": {"file": "product.rpm"}},
        "ssh": {"user": "centos"},
        "certificate": {"kind": "self-signed"},
        "hosts": {
            key: {"fqdn": f"{key}.example.com", "ip": f"10.0.0.{n + 1}", "roles": roles[key]}
            for n, key in enumerate(keys)
        },
        "etcd": draw(st.permutations(keys))[: draw(st.integers(1, count))],
        "config_servers": draw(st.permutations(keys))[: draw(st.integers(1, count))],
        "auth_servers": draw(st.permutations(keys))[: draw(st.integers(1, count))],
    }


def _plan(raw: Mapping[str, Any]) -> Plan:
    # Past the door on purpose: it refuses several hosts, the plan does not.
    config = ClusterConfig.model_validate(raw)
    return plan(parts(Site(Cluster(config), load("1.20200121", {})), digest=DIGEST))


@given(clusters())
def test_no_step_comes_before_what_the_guide_puts_first(raw: dict[str, Any]) -> None:
    ordered = _plan(raw)
    before: dict[str, set[str]] = {}
    for task in ordered:
        before[task.name] = {*task.after}.union(*(before[name] for name in task.after))
    steps = {task.name: task.step for task in ordered}
    for first, second in GUIDE:
        seconds = [name for name, step in steps.items() if step == second]
        for name in seconds:
            reached = {steps[other] for other in before[name]}
            assert first in reached, f"{name} does not wait for any {first}"


@given(clusters())
def test_every_host_is_prepared_before_anything_of_deephaven_runs_on_it(raw: dict[str, Any]) -> None:
    seen: set[str] = set()
    for task in _plan(raw):
        if task.step not in ("anchor", "packages", "monit", "rpm", "stop", "database", "product"):
            assert f"{task.node.key}-product" in seen
        seen.add(task.name)


@given(clusters(), st.randoms(use_true_random=False))
def test_names_and_ordinals_stay_when_hosts_are_reordered(raw: dict[str, Any], random: Any) -> None:  # noqa: ANN401
    keys = list(raw["hosts"])
    random.shuffle(keys)
    shuffled = {**raw, "hosts": {key: raw["hosts"][key] for key in keys}}
    assert _plan(shuffled).describe() == _plan(raw).describe()


@given(clusters())
def test_a_further_query_host_renames_nothing_and_renumbers_nothing(raw: dict[str, Any]) -> None:
    more = {**raw, "hosts": {**raw["hosts"], "added": {"fqdn": "added.example.com", "roles": ["query"]}}}
    before, after = {task.name for task in _plan(raw)}, {task.name for task in _plan(more)}
    assert before < after
    assert {name for name in after - before if not name.startswith("added-")} == set()
    first = f"{raw['etcd'][0]}-etcd-config"
    assert _plan(more)[first] == _plan(raw)[first]


NODE = Node("infra", "h1.lab.internal", None, ())


def _action(step: str, *after: str) -> Action:
    return Action(node=NODE, step=step, script="x.sh", after=after, limit=1)


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ([_action("a"), _action("a")], "two tasks are named infra-a"),
        ([_action("a", "infra-b")], "tasks wait for what nobody does: infra-b"),
        ([_action("a", "infra-b"), _action("b", "infra-a")], "tasks wait for each other"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(tasks: list[Action], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Plan(tasks)

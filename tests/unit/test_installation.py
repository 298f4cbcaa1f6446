"""The plan: an expected text for each shipped stack, and properties for any valid cluster."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plan import plan
from components.steps.model import FileTransfer, Plan, Step
from tests.unit.conftest import PROJECT, make_spec, spec_of

STACKS = sorted(path.name.split(".")[1] for path in (PROJECT / "stacks").glob("Pulumi.*.yaml"))
TRANSFERRED = (
    "steps/scripts/import-archive.sh",
    "steps/scripts/place-file.sh",
)  # the transfer itself reports the file
COMPONENTS = PROJECT / "components"
DIGEST = "0" * 64
EXTERNAL = {"host": "db.example.com", "user": "root", "password": "x"}
# The guide's order, for any shape of cluster: the second step never runs before the first.
GUIDE = [
    ("product", "etcd-config"), ("etcd-config", "etcd-enable"), ("etcd-enable", "etcd-present"),
    ("etcd-present", "etcd-admin"), ("etcd-admin", "keygen"), ("keygen", "config-server"),
    ("config-server", "endpoints"), ("endpoints", "cus"), ("endpoints", "routing"), ("database", "acl-database"),
    ("routing", "config-import"), ("config-import", "auth"), ("acl-database", "auth"), ("product", "auth"),
    ("config-import", "roles"), ("acl-database", "roles"),
    ("roles", "start-config-server"), ("start-config-server", "start-auth-server"), ("start-auth-server", "start"),
    ("start", "services-ok"), ("services-ok", "verify"), ("etcd-ok", "verify"), ("verify", "manifest"),
    ("host", "packages"),
    ("packages", "mounts"), ("mounts", "product"), ("accounts", "product"),
    ("packages", "monit"), ("monit", "stop"), ("stop", "product"), ("rpm", "product"), ("product", "connector"),
]  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_is_planned_as_expected(stack: str) -> None:
    """Compare with the file plan.STACK.txt; after an intended change, write `describe()` there and review the diff."""
    expected = Path(__file__).parent / f"plan.{stack}.txt"
    assert plan(spec_of(stack), digest=DIGEST).describe() == expected.read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_each_step_has_the_inputs_that_its_script_requires(stack: str) -> None:
    for step in scripts(plan(spec_of(stack), digest=DIGEST)):
        text = (COMPONENTS / step.script).read_text().replace("\\\n", " ")
        needs = re.search(r"^require_vars (.+)$", text, re.MULTILINE)
        assert needs is not None, step.script
        given = {*step.inputs, *step.secrets, *({"transferred"} if step.script in TRANSFERRED else ())}
        # only these may be unused by the script: another one makes the step run again
        unread = {"release", "generation", "certificate"}
        assert given - unread == {*needs[1].split()} - unread, step.resource_name


def scripts(planned: Plan) -> Iterator[Step]:
    """Yield every step with a script, including those inside transfers."""
    for step in planned:
        match step:
            case Step():
                yield step
            case FileTransfer():
                yield from (step.export, step.import_)


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a valid configuration of one or several hosts."""
    count = draw(st.integers(1, 6))
    keys = [f"host{n}" for n in range(count)]
    roles = {key: draw(st.lists(st.sampled_from(["infra", "batch", "query"]), unique=True)) for key in keys}
    roles[keys[0]] = ["infra", "dis", "batch"]
    roles[keys[-1]] = [*roles[keys[-1]], *([] if "query" in roles[keys[-1]] else ["query"])]
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
        "services": {
            "tdcp": draw(st.lists(st.sampled_from(keys), unique=True)),
            "cus": draw(st.sampled_from([False, "host0"])),
            "acl_database": draw(st.sampled_from([*keys, EXTERNAL])),
        },
    }


def _plan(raw: Mapping[str, Any]) -> Plan:
    return plan(make_spec(raw), digest=DIGEST)


@given(clusters())
def test_every_step_follows_the_guides_order(raw: dict[str, Any]) -> None:
    ordered = _plan(raw)
    before = dependencies(ordered)
    steps = {step.resource_name: step.name for step in ordered}
    for first, second in GUIDE:
        for name in (name for name, kind in steps.items() if kind == second):
            key = name.removesuffix(f"-{second}")
            # on the same host if the step exists there, else on any
            firsts = {f"{key}-{first}"} & steps.keys() or {other for other, kind in steps.items() if kind == first}
            assert firsts & before[name] or not firsts, f"{name} does not wait for any {first}"


def dependencies(ordered: Plan) -> dict[str, set[str]]:
    """Return all direct and indirect dependencies of each step."""
    before: dict[str, set[str]] = {}
    for step in ordered:
        before[step.resource_name] = {*step.after}.union(*(before[name] for name in step.after))
    return before


@given(clusters())
def test_the_update_service_is_set_up_after_the_keys_and_before_monit_starts_it(raw: dict[str, Any]) -> None:
    before, cus = dependencies(_plan(raw)), raw["services"]["cus"]
    if cus:
        assert f"{cus}-cus" in before[f"{cus}-roles"]
        keys = f"{cus}-keygen" if cus == raw["config_servers"][0] else f"{cus}-auth"
        assert keys in before[f"{cus}-cus"]


@given(clusters())
def test_keys_and_passwords_reach_every_other_host(raw: dict[str, Any]) -> None:
    transfers = {step.resource_name: step for step in _plan(raw) if isinstance(step, FileTransfer)}
    primary, members = raw["config_servers"][0], raw["etcd"]
    assert {name for name in transfers if name.endswith("-auth")} == {
        f"{key}-auth" for key in raw["hosts"] if key != primary
    }
    clients = {*members[1:], *raw["config_servers"]} - {members[0]}
    assert {name for name in transfers if name.endswith("-etcd-config")} == {f"{key}-etcd-config" for key in clients}
    for n, key in enumerate(members[1:], start=2):
        assert transfers[f"{key}-etcd-config"].import_.inputs["command"][-1] == str(n)
    elsewhere = raw["services"]["acl_database"] not in (primary, EXTERNAL)
    assert (f"{primary}-acl-password" in transfers) == elsewhere


@given(clusters())
def test_every_host_is_prepared_before_deephaven_runs_on_it(raw: dict[str, Any]) -> None:
    prepared: set[str] = set()
    for step in _plan(raw):
        if step.name not in ("host", "packages", "monit", "rpm", "stop", "database", "product"):
            assert f"{step.node.key}-product" in prepared
        prepared.add(step.resource_name)


@given(clusters(), st.randoms(use_true_random=False))
def test_names_and_ordinals_do_not_depend_on_the_order_of_hosts(raw: dict[str, Any], random: Any) -> None:  # noqa: ANN401
    keys = list(raw["hosts"])
    random.shuffle(keys)
    shuffled = {**raw, "hosts": {key: raw["hosts"][key] for key in keys}}
    assert _plan(shuffled).describe() == _plan(raw).describe()


@given(clusters())
def test_another_query_host_changes_no_name_and_no_ordinal(raw: dict[str, Any]) -> None:
    more = {**raw, "hosts": {**raw["hosts"], "added": {"fqdn": "added.example.com", "roles": ["query"]}}}
    planned, then = _plan(raw), _plan(more)
    before, after = {step.resource_name for step in planned}, {step.resource_name for step in then}
    assert before < after
    # the second host of a cluster is the first one that an archive is packaged for
    package = {f"{raw['config_servers'][0]}-auth-package"} if len(raw["hosts"]) == 1 else set()
    assert {name for name in after - before if not name.startswith("added-")} == package
    first = f"{raw['etcd'][0]}-etcd-config"
    assert then[first] == planned[first]


@given(clusters(), st.data())
def test_a_lost_host_keeps_only_its_host_step_and_other_steps_keep_their_order(
    raw: dict[str, Any], data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.sampled_from(sorted(raw["hosts"]))))
    hosts = {key: {**host, "lost": key in lost} for key, host in raw["hosts"].items()}
    whole, left = _plan(raw), _plan({**raw, "hosts": hosts})
    assert {step.resource_name for step in left if step.node.key in lost} == {f"{key}-host" for key in lost}
    assert not [step for step in left if isinstance(step, FileTransfer) and step.source.key in lost]
    before, after = dependencies(whole), dependencies(left)
    kept = {step.resource_name for step in left}
    for name in kept & before.keys():
        assert (before[name] & kept) <= after[name]

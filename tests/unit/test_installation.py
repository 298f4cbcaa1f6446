"""The plan: for the test stack as a readable list, for any valid cluster as properties."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import ProfileError
from components.installation import Phase, Row
from components.plan import plan
from components.steps.model import FileTransfer, Plan, Step
from components.topology.cluster import Node
from tests.unit.conftest import PROJECT, make_spec, raw_of, spec_of

STACKS = sorted(path.name.split(".")[1] for path in (PROJECT / "stacks").glob("Pulumi.*.yaml"))
TRANSFERRED = (
    "steps/scripts/import-archive.sh",
    "steps/scripts/place-file.sh",
)  # the relay itself says what it carried
COMPONENTS = PROJECT / "components"
DIGEST = "0" * 64
EXTERNAL = {"host": "db.example.com", "user": "root", "password": "x"}
# What the guide's order demands, whatever the shape of the cluster: the second never before the first.
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
    """Compare with the list beside this file; after a wanted change, write `describe()` there and read the diff."""
    expected = Path(__file__).parent / f"plan.{stack}.txt"
    assert plan(spec_of(stack), digest=DIGEST).describe() == expected.read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_each_step_gets_the_inputs_that_its_script_needs(stack: str) -> None:
    for action in actions(plan(spec_of(stack), digest=DIGEST)):
        text = (COMPONENTS / action.script).read_text()
        needs = re.search(r"^require_vars (.+)$", text, re.MULTILINE)
        assert needs is not None, action.script
        given = {*action.inputs, *action.secrets, *({"transferred"} if action.script in TRANSFERRED else ())}
        # these alone may be given without being read: another build or generation makes the step run again
        unread = {"release", "generation"}
        assert given - unread == {*needs[1].split()} - unread, action.resource_name


def actions(planned: Plan) -> Iterator[Step]:
    """Yield every step of a plan, those inside of relays as well."""
    for task in planned:
        match task:
            case Step():
                yield task
            case FileTransfer():
                yield from (task.export, task.import_)


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a configuration of one or several hosts that the door accepts."""
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
def test_no_step_comes_before_what_the_guide_puts_first(raw: dict[str, Any]) -> None:
    ordered = _plan(raw)
    before = _before(ordered)
    steps = {task.resource_name: task.name for task in ordered}
    for first, second in GUIDE:
        for name in (name for name, step in steps.items() if step == second):
            key = name.removesuffix(f"-{second}")
            # on its own host where the step is there, else on any
            firsts = {f"{key}-{first}"} & steps.keys() or {other for other, step in steps.items() if step == first}
            assert firsts & before[name] or not firsts, f"{name} does not wait for any {first}"


def _before(ordered: Plan) -> dict[str, set[str]]:
    """Return for each task all that it waits for, near and far."""
    before: dict[str, set[str]] = {}
    for task in ordered:
        before[task.resource_name] = {*task.after}.union(*(before[name] for name in task.after))
    return before


@given(clusters())
def test_the_update_service_is_set_up_where_the_keys_are_and_before_monit_starts_it(raw: dict[str, Any]) -> None:
    before, cus = _before(_plan(raw)), raw["services"]["cus"]
    if cus:
        assert f"{cus}-cus" in before[f"{cus}-roles"]
        keys = f"{cus}-keygen" if cus == raw["config_servers"][0] else f"{cus}-auth"
        assert keys in before[f"{cus}-cus"]


@given(clusters())
def test_keys_and_passwords_reach_every_host_that_did_not_make_them(raw: dict[str, Any]) -> None:
    relays = {task.resource_name: task for task in _plan(raw) if isinstance(task, FileTransfer)}
    primary, members = raw["config_servers"][0], raw["etcd"]
    assert {name for name in relays if name.endswith("-auth")} == {
        f"{key}-auth" for key in raw["hosts"] if key != primary
    }
    clients = {*members[1:], *raw["config_servers"]} - {members[0]}
    assert {name for name in relays if name.endswith("-etcd-config")} == {f"{key}-etcd-config" for key in clients}
    for n, key in enumerate(members[1:], start=2):
        assert relays[f"{key}-etcd-config"].import_.inputs["command"][-1] == str(n)
    elsewhere = raw["services"]["acl_database"] not in (primary, EXTERNAL)
    assert (f"{primary}-acl-password" in relays) == elsewhere


@given(clusters())
def test_every_host_is_prepared_before_anything_of_deephaven_runs_on_it(raw: dict[str, Any]) -> None:
    seen: set[str] = set()
    for task in _plan(raw):
        if task.name not in ("host", "packages", "monit", "rpm", "stop", "database", "product"):
            assert f"{task.node.key}-product" in seen
        seen.add(task.resource_name)


@given(clusters(), st.randoms(use_true_random=False))
def test_names_and_ordinals_stay_when_hosts_are_reordered(raw: dict[str, Any], random: Any) -> None:  # noqa: ANN401
    keys = list(raw["hosts"])
    random.shuffle(keys)
    shuffled = {**raw, "hosts": {key: raw["hosts"][key] for key in keys}}
    assert _plan(shuffled).describe() == _plan(raw).describe()


@given(clusters())
def test_a_further_query_host_renames_nothing_and_renumbers_nothing(raw: dict[str, Any]) -> None:
    more = {**raw, "hosts": {**raw["hosts"], "added": {"fqdn": "added.example.com", "roles": ["query"]}}}
    planned, then = _plan(raw), _plan(more)
    before, after = {task.resource_name for task in planned}, {task.resource_name for task in then}
    assert before < after
    assert {name for name in after - before if not name.startswith("added-")} == set()
    first = f"{raw['etcd'][0]}-etcd-config"
    assert then[first] == planned[first]


NODE = Node("infra", "h1.lab.internal", None, ())


def _action(step: str, *after: str) -> Step:
    return Step(row=Row(step, "-", "-", Phase.HOSTS, "x.sh"), node=NODE, after=after, limit=1)


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ([_action("a"), _action("a")], "two steps are named infra-a"),
        ([_action("a", "infra-b")], "steps wait for steps that do not exist: infra-b"),
        ([_action("a", "infra-b"), _action("b", "infra-a")], "steps wait for each other"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(tasks: list[Step], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Plan(tasks)


def test_a_host_mounts_what_all_mount_and_its_own_outer_paths_first(raw: dict[str, Any]) -> None:
    export = {"source": "nas:/systems", "path": "/db/Systems", "type": "nfs"}
    own = {"source": "nas:/other", "path": "/db/Systems", "type": "nfs4", "options": "ro"}
    whole = {"source": "UUID=1", "path": "/db", "type": "xfs"}
    host = {**raw["hosts"]["infra"], "mounts": [own]}
    planned = _plan({**raw, "mounts": [export, whole], "hosts": {"infra": host}})
    action = planned["infra-mounts"]
    assert isinstance(action, Step)
    assert action.inputs == {
        "sources": ("UUID=1", "nas:/other"),
        "paths": ("/db", "/db/Systems"),
        "types": ("xfs", "nfs4"),
        "options": ("defaults", "ro"),
    }
    packages = planned["infra-packages"]
    assert isinstance(packages, Step)
    assert "nfs-utils" in packages.inputs["packages"]
    assert {"infra-mounts"} < set(planned["infra-product"].after)


def test_an_account_that_the_product_does_not_have_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match=r"accounts\.admin: unknown account of the product; use one of irisadmin"):
        _plan({**raw, "accounts": {"admin": {"uid": 9001, "gid": 9001}}})


def test_accounts_are_made_in_the_profiles_order_before_the_product(raw: dict[str, Any]) -> None:
    planned = _plan({**raw, "accounts": {"dbquery": {"uid": 2, "gid": 3}, "irisadmin": {"uid": 1, "gid": 1}}})
    action = planned["infra-accounts"]
    assert isinstance(action, Step)
    assert (action.inputs["names"], action.inputs["uids"]) == (("irisadmin", "dbquery"), ("1", "2"))
    assert action.inputs["gids"] == ("1", "3")
    assert "infra-accounts" in planned["infra-product"].after


@given(clusters(), st.data())
def test_of_a_lost_host_only_the_anchor_stays_and_the_others_order_too(
    raw: dict[str, Any], data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.sampled_from(sorted(raw["hosts"]))))
    hosts = {key: {**host, "lost": key in lost} for key, host in raw["hosts"].items()}
    whole, left = _plan(raw), _plan({**raw, "hosts": hosts})
    assert {task.resource_name for task in left if task.node.key in lost} == {f"{key}-host" for key in lost}
    assert not [task for task in left if isinstance(task, FileTransfer) and task.source.key in lost]
    before, after = _before(whole), _before(left)
    stays = {task.resource_name for task in left}
    for name in stays & before.keys():
        assert (before[name] & stays) <= after[name]


def test_a_cluster_of_lost_hosts_is_its_anchors(raw: dict[str, Any]) -> None:
    raw["hosts"]["infra"]["lost"] = True
    (anchor,) = _plan(raw)
    assert isinstance(anchor, Step)
    assert (anchor.resource_name, anchor.lost, anchor.protected) == ("infra-host", True, False)


def test_example_data_are_installed_beside_the_restarts_of_the_same_host(raw: dict[str, Any]) -> None:
    raw["services"] = {"example_data": "infra"}
    assert {"infra-example-data", "infra-restart"} <= {task.resource_name for task in _plan(raw)}


def test_a_stacks_own_routing_is_placed_where_it_is_imported_and_the_vendors_script_is_not_called() -> None:
    spec = spec_of("production-ha")
    planned = plan(replace(spec, routing="storage: elsewhere\n"), digest=DIGEST)
    task = planned[f"{spec.cluster.primary.key}-routing"]
    assert isinstance(task, Step)
    assert task.script == "config_server/scripts/place-routing.sh"
    assert task.inputs["document"] == "storage: elsewhere\n"
    assert [
        other.resource_name for other in planned if other.resource_name.endswith(("-routing", "-routing-file"))
    ] == [task.resource_name]


def test_an_etcd_member_that_may_come_back_empty_is_taken_out_and_added_before_it_starts() -> None:
    raw = raw_of("production")
    assert "query2-etcd-replace" not in {task.resource_name for task in _plan(raw)}
    raw["hosts"]["query2"]["replace"] = True
    planned = _plan(raw)
    found = planned["query2-etcd-replace"]
    assert isinstance(found, Step)
    assert (found.script, found.inputs["address"]) == ("etcd/scripts/replace-member.sh", "10.77.0.13")
    assert "query2-etcd-replace" in planned["query2-etcd-enable"].after


def test_the_first_member_of_etcd_cannot_come_back_empty() -> None:
    raw = raw_of("production")
    raw["hosts"]["infra"]["replace"] = True
    assert "infra-etcd-replace" not in {task.resource_name for task in _plan(raw)}

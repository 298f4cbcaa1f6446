"""Another build in the stack file changes exactly the steps of the guide's Installing Patch Updates, in its order."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.plan import plan
from components.steps.model import AnyStep, Plan, Step
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec, raw_of
from tests.unit.test_installation import STACKS

SOURCES: Mapping[str, Mapping[str, Any]] = {
    "file": {"file": "rpms/patch.rpm"},
    "url": {"file": None, "url": "https://example.com/patch.rpm", "sha256": "1" * 64},
    "package": {"file": None, "package": "illumon-db"},
}
OF_EVERY_HOST = {"rpm", "stop", "product", "connector"}
STARTS = {"start-config-server", "start-auth-server", "start"}
CHECKS = {"query-started", "services-ok", "verify", "manifest"}
NEVER_AGAIN = {"etcd-config", "etcd-admin", "keygen", "acl-database", "config-import", "endpoints", "auth", "roles"}


def planned(stack: str, build: str, rpm: Mapping[str, Any]) -> Plan:
    """Return a stack's plan with a build."""
    raw = raw_of(stack)
    good = changed(raw, {"release": {"build": build, "rpm": rpm}})
    return plan(make_spec(good), digest=build.rjust(64, "0"))


def differ(before: Plan, after: Plan) -> set[str]:
    """Return the names of the tasks that another build changes."""
    assert {task.resource_name for task in before} == {task.resource_name for task in after}
    return {task.resource_name for task in after if before[task.resource_name] != task}


def above(tasks: Plan, task: AnyStep) -> set[str]:
    """Return all that a task waits for."""
    found: set[str] = set()
    new = set(task.after)
    while new:
        found |= new
        new = {name for one in new for name in tasks[one].after} - found
    return found


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("stack", STACKS)
def test_changes_the_steps_of_a_patch_and_no_other(stack: str, source: str) -> None:
    rpm = SOURCES[source]
    before, after = planned(stack, "008", rpm), planned(stack, "012", rpm)
    found = differ(before, after)
    hosts = {task.node.key for task in after}
    steps = {after[name].name for name in found}
    assert steps <= OF_EVERY_HOST | STARTS | CHECKS
    assert steps & NEVER_AGAIN == set()
    # a fixed path in the stack stays the same to the plan; the engine compares what the file holds
    brought = {"rpm"} if source == "url" else set()
    for step in OF_EVERY_HOST - {"rpm"} | brought:
        assert {f"{host}-{step}" for host in hosts} <= found, step
    assert {task.resource_name for task in after if task.name in STARTS | CHECKS} <= found


@pytest.mark.parametrize("stack", STACKS)
def test_no_service_starts_before_every_host_has_the_build_and_its_connector(stack: str) -> None:
    tasks = planned(stack, "012", SOURCES["file"])
    everywhere = {task.resource_name for task in tasks if task.name == "product"}
    # a host that serves etcd alone starts nothing of Deephaven
    jars = {f"{task.node.key}-connector" for task in tasks if task.name == "services-ok"}
    for task in tasks:
        if task.name in STARTS:
            assert everywhere <= above(tasks, task), task.resource_name
            assert jars <= above(tasks, task), task.resource_name


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("stack", STACKS)
def test_no_build_changes_before_all_are_stopped_and_nothing_stops_before_its_rpm_is_there(
    stack: str, source: str
) -> None:
    tasks = planned(stack, "012", SOURCES[source])
    stops = {task.resource_name for task in tasks if task.name == "stop"}
    for task in tasks:
        if task.name == "product":
            assert stops <= above(tasks, task), task.resource_name
        if task.name == "stop" and source != "package":
            assert f"{task.node.key}-rpm" in above(tasks, task)


@pytest.mark.parametrize("system", ["infra", "query"])
def test_a_repositorys_build_goes_back_by_the_package_managers_own_command(system: str) -> None:
    task = planned("test-opensuse", "012", SOURCES["package"])[f"{system}-product"]
    assert isinstance(task, Step)
    words = {"infra": ("yum", "downgrade", "-y"), "query": ("zypper", "--non-interactive", "install")}[system]
    downgrade = task.inputs["downgrade"]
    assert downgrade[: len(words)] == words
    assert "downgrade" in downgrade or "--oldpackage" in downgrade

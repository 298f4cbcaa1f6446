"""A changed build affects exactly the steps of the guide's chapter Installing Patch Updates, in its order."""

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
    """Return a stack's plan for a build."""
    raw = raw_of(stack)
    good = changed(raw, {"release": {"build": build, "rpm": rpm}})
    return plan(make_spec(good), digest=build.rjust(64, "0"))


def changed_steps(before: Plan, after: Plan) -> set[str]:
    """Return the names of the steps that another build changes."""
    assert {step.resource_name for step in before} == {step.resource_name for step in after}
    return {step.resource_name for step in after if before[step.resource_name] != step}


def dependencies(steps: Plan, step: AnyStep) -> set[str]:
    """Return all direct and indirect dependencies of a step."""
    names: set[str] = set()
    new = set(step.after)
    while new:
        names |= new
        new = {name for latest in new for name in steps[latest].after} - names
    return names


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("stack", STACKS)
def test_only_the_steps_of_a_patch_change(stack: str, source: str) -> None:
    rpm = SOURCES[source]
    before, after = planned(stack, "008", rpm), planned(stack, "012", rpm)
    affected = changed_steps(before, after)
    hosts = {step.node.key for step in after}
    steps = {after[name].name for name in affected}
    assert steps <= OF_EVERY_HOST | STARTS | CHECKS
    assert steps & NEVER_AGAIN == set()
    # with a fixed path the plan stays the same; the engine compares the content of the file
    uploaded = {"rpm"} if source == "url" else set()
    for step in OF_EVERY_HOST - {"rpm"} | uploaded:
        assert {f"{host}-{step}" for host in hosts} <= affected, step
    assert {step.resource_name for step in after if step.name in STARTS | CHECKS} <= affected


@pytest.mark.parametrize("stack", STACKS)
def test_services_start_after_every_host_has_the_build_and_its_connector(stack: str) -> None:
    steps = planned(stack, "012", SOURCES["file"])
    everywhere = {step.resource_name for step in steps if step.name == "product"}
    # a host with only etcd starts no Deephaven service
    jars = {f"{step.node.key}-connector" for step in steps if step.name == "services-ok"}
    for step in steps:
        if step.name in STARTS:
            assert everywhere <= dependencies(steps, step), step.resource_name
            assert jars <= dependencies(steps, step), step.resource_name


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("stack", STACKS)
def test_builds_change_after_all_services_stop_and_services_stop_after_the_upload(stack: str, source: str) -> None:
    steps = planned(stack, "012", SOURCES[source])
    stops = {step.resource_name for step in steps if step.name == "stop"}
    for step in steps:
        if step.name == "product":
            assert stops <= dependencies(steps, step), step.resource_name
        if step.name == "stop" and source != "package":
            assert f"{step.node.key}-rpm" in dependencies(steps, step)


@pytest.mark.parametrize("system", ["infra", "query"])
def test_a_build_from_a_repository_is_downgraded_by_the_package_manager(system: str) -> None:
    step = planned("test-opensuse", "012", SOURCES["package"])[f"{system}-product"]
    assert isinstance(step, Step)
    words = {"infra": ("yum", "downgrade", "-y"), "query": ("zypper", "--non-interactive", "install")}[system]
    downgrade = step.inputs["downgrade"]
    assert downgrade[: len(words)] == words
    assert "downgrade" in downgrade or "--oldpackage" in downgrade

"""The pack stops previews and updates of bad stacks before any host changes, and good stacks pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from tests.integration.policy.conftest import PREVIEW, RUNS, UP, UP_WITH_PREVIEW, Checkout, violations
from tests.support.cluster import Cluster
from tests.unit.conftest import PROJECT

pytestmark = pytest.mark.lab
STACK = "production"
ONE = {"etcd": ["infra"]}
TODAY = datetime.now(UTC).date()
EXCEPTION = {"rule": "etcd", "reason": "a test", "until": str(TODAY + timedelta(days=2))}
EXPIRED = {**EXCEPTION, "until": str(TODAY - timedelta(days=2))}

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "etcd": (
        ONE,
        "etcd: 1 of at least 3 members: a single failing host may stop the cluster; list more hosts under etcd",
    ),
    "certificate": (
        {"certificate": {"kind": "self-signed"}},
        "certificate: is the vendor's self-signed certificate; declare",
    ),
    "requirements": ({"facts": "off"}, "facts: is off, so hosts are not checked"),
    "shared-data": ({"mounts": []}, "/db/Systems: is not mounted on infra, query1, query2"),
}


@pytest.fixture(scope="module")
def checkout(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return the production stack in a checkout of its own."""
    return Checkout(cluster.copy(tmp_path_factory.mktemp("checkout")), cluster.configuration())


@pytest.mark.parametrize("command", RUNS)
def test_a_cluster_with_all_violations_is_stopped_and_no_host_changes(checkout: Checkout, command: str) -> None:
    changes = {key: value for change, _ in BAD.values() for key, value in change.items()}
    update = checkout.run(RUNS[command], **changes)
    assert update.status != 0
    assert set(BAD) <= violations(update.output, "mandatory"), update.output
    assert [words for _, words in BAD.values() if words not in update.output] == []
    if command == "up":
        assert update.touched == {}, "the root component was refused, so nothing below it may be registered"
    assert checkout.untouched


@pytest.mark.parametrize("rule", BAD)
def test_a_preview_of_a_cluster_with_one_violation_reports_only_that_rule(checkout: Checkout, rule: str) -> None:
    change, words = BAD[rule]
    requirements = {"shared_storage": {"ignore": True, "reason": "a test"}} if rule == "shared-data" else {}
    update = checkout.run(PREVIEW, **change, requirements=requirements)
    assert update.status != 0
    assert violations(update.output, "mandatory") == {rule}, update.output
    assert words in update.output


@pytest.mark.parametrize("command", [PREVIEW, UP_WITH_PREVIEW], ids=lambda command: str(command[0]))
def test_unprotected_hosts_with_state_are_stopped(checkout: Checkout, command: tuple[str, ...]) -> None:
    update = checkout.run(command, protect=False)
    assert update.status != 0
    assert violations(update.output, "mandatory") == {"protection"}
    assert "query2 (h3.lab.internal): holds a member of etcd and is not protected" in update.output
    assert checkout.untouched


def test_a_good_cluster_passes_and_its_waivers_and_unknown_properties_are_reported(checkout: Checkout) -> None:
    update = checkout.run(PREVIEW)
    assert update.status == 0, update.output
    assert violations(update.output, "mandatory") == set()
    assert violations(update.output, "advisory") == {"waivers", "servers"}
    assert "requirements.memory: has the limit 1,073,741,824 (lab)" in update.output
    assert "infra-monit: stdin is unknown before the update; commands was not evaluated" in update.output


def test_violations_are_advisory_in_a_test_cluster_even_with_secrets_in_its_configuration(checkout: Checkout) -> None:
    external = yaml.safe_load((PROJECT / "stacks/Pulumi.test-mysql.yaml").read_text())
    services = external["config"]["deephaven:cluster"]["services"]
    change = {"environment": "test", "etcd": ["infra", "query1"], "certificate": {"kind": "self-signed"}}
    update = checkout.run(
        PREVIEW, **change, services={"acl_database": {**services["acl_database"], "host": "db.example.com"}}
    )
    assert update.status == 0, update.output
    assert violations(update.output, "mandatory") == set()
    assert violations(update.output, "advisory") == {"etcd", "waivers"}
    assert "2 members tolerate no more failures than 1" in update.output


def test_an_exception_of_the_stack_applies_until_it_expires(checkout: Checkout) -> None:
    passed = checkout.run(PREVIEW, policy={"exceptions": [EXCEPTION]}, **ONE)
    assert passed.status == 0, passed.output
    assert f"exception from etcd (a test, until {EXCEPTION['until']}): etcd: 1 of at least 3" in passed.output
    stopped = checkout.run(PREVIEW, policy={"exceptions": [EXPIRED]}, **ONE)
    assert stopped.status != 0
    assert f"[the exception (a test, until {EXPIRED['until']}) has expired]" in stopped.output


def test_a_configuration_file_sets_exceptions_limits_and_levels(checkout: Checkout) -> None:
    assert checkout.run(PREVIEW, file={"etcd": {"exceptions": [EXCEPTION]}}, **ONE).status == 0
    assert checkout.run(PREVIEW, file={"etcd": {"exceptions": [EXPIRED]}}, **ONE).status != 0
    limited = checkout.run(PREVIEW, file={"etcd": {"members": 1}}, **ONE)
    assert limited.status == 0
    assert "etcd.members: is set to 1 instead of 3" in limited.output
    strict = checkout.run(PREVIEW, file={"etcd": "advisory", "servers": "mandatory"}, **ONE)
    assert strict.status != 0
    assert violations(strict.output, "mandatory") == {"servers"}
    assert "etcd" in violations(strict.output, "advisory")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"policy": {"etcd": {"membrs": 1}}}, "deephaven:policy.etcd.membrs: unknown setting of this rule"),
    ({"file": {"etcd": {"membrs": 1}}}, "etcd.membrs: unknown setting of this rule"),
    ({"file": {"etcd": {"exceptions": [{"rule": "etcd", "reason": "a test"}]}}}, "until is required"),
    ({"file": {"all": "mandatory"}}, "keep the level of the policy secret-marks"),
]


@pytest.mark.parametrize(("settings", "words"), BROKEN, ids=lambda value: str(value)[:50])
def test_invalid_settings_end_the_run(checkout: Checkout, settings: dict[str, Any], words: str) -> None:
    update = checkout.run(UP, **settings)
    assert update.status != 0
    assert words in update.output, update.output
    assert checkout.untouched


def test_a_good_cluster_is_deployed_with_the_pack_and_its_second_update_has_no_unknowns(checkout: Checkout) -> None:
    deployed = checkout.run(UP)
    assert deployed.status == 0, deployed.output
    assert violations(deployed.output, "mandatory") == set()
    again = checkout.run(UP, file={})
    assert again.status == 0
    assert set(again.changes) <= {"same"}
    assert violations(again.output, "mandatory") == set()
    assert "is unknown before the update" not in again.output

"""The pack stops previews and updates of the program, before anything is touched, and lets good stacks pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from tests.integration.policy.conftest import PREVIEW, RUNS, UP, UP_WITH_PREVIEW, Judged, copied, violations
from tests.support.cluster import Cluster
from tests.unit.conftest import PROJECT

pytestmark = pytest.mark.lab
STACK = "production"
ONE = {"etcd": ["infra"]}
TODAY = datetime.now(UTC).date()
EXCEPTION = {"rule": "etcd", "reason": "a test", "until": str(TODAY + timedelta(days=2))}
ENDED = {**EXCEPTION, "until": str(TODAY - timedelta(days=2))}

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
def judged(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Return the production stack in a checkout of its own."""
    return copied(cluster, tmp_path_factory.mktemp("judged"))


@pytest.mark.parametrize("command", RUNS)
def test_a_cluster_that_is_bad_in_each_way_is_stopped_and_nothing_is_touched(judged: Judged, command: str) -> None:
    """Each rule is mandatory, so that each would stop it alone."""
    changes = {key: value for change, _ in BAD.values() for key, value in change.items()}
    update = judged.run(RUNS[command], **changes)
    assert update.status != 0
    assert set(BAD) <= violations(update.said, "mandatory"), update.said
    assert [words for _, words in BAD.values() if words not in update.said] == []
    if command == "up":
        assert update.touched == {}, "the root component was refused, so nothing beneath it was registered"
    assert judged.untouched


@pytest.mark.parametrize("rule", BAD)
def test_a_preview_of_a_cluster_that_is_bad_in_one_way_names_that_alone(judged: Judged, rule: str) -> None:
    change, words = BAD[rule]
    requirements = {"shared_storage": {"ignore": True, "reason": "a test"}} if rule == "shared-data" else {}
    update = judged.run(PREVIEW, **change, requirements=requirements)
    assert update.status != 0
    assert violations(update.said, "mandatory") == {rule}, update.said
    assert words in update.said


@pytest.mark.parametrize("command", [PREVIEW, UP_WITH_PREVIEW], ids=lambda command: str(command[0]))
def test_hosts_with_state_that_nobody_protects(judged: Judged, command: tuple[str, ...]) -> None:
    update = judged.run(command, protect=False)
    assert update.status != 0
    assert violations(update.said, "mandatory") == {"protection"}
    assert "query2 (h3.lab.internal): holds a member of etcd and is not protected" in update.said
    assert judged.untouched


def test_a_good_cluster_passes_and_what_is_relaxed_and_unknown_is_told(judged: Judged) -> None:
    update = judged.run(PREVIEW)
    assert update.status == 0, update.said
    assert violations(update.said, "mandatory") == set()
    assert violations(update.said, "advisory") == {"waivers", "servers"}
    assert "requirements.memory: has the limit 1,073,741,824 (lab)" in update.said
    assert "infra-monit: stdin is unknown before the update; secrets was not evaluated" in update.said


def test_in_a_test_cluster_the_same_is_advice_also_when_its_configuration_holds_secrets(judged: Judged) -> None:
    outside = yaml.safe_load((PROJECT / "stacks/Pulumi.test-mysql.yaml").read_text())
    services = outside["config"]["deephaven:cluster"]["services"]
    change = {"environment": "test", "etcd": ["infra", "query1"], "certificate": {"kind": "self-signed"}}
    update = judged.run(
        PREVIEW, **change, services={"acl_database": {**services["acl_database"], "host": "db.example.com"}}
    )
    assert update.status == 0, update.said
    assert violations(update.said, "mandatory") == set()
    assert violations(update.said, "advisory") == {"etcd", "waivers"}
    assert "2 members tolerate no more failures than 1" in update.said


def test_an_exception_of_the_stack_lets_pass_until_it_ends(judged: Judged) -> None:
    passed = judged.run(PREVIEW, policy={"exceptions": [EXCEPTION]}, **ONE)
    assert passed.status == 0, passed.said
    assert f"exception from etcd (a test, until {EXCEPTION['until']}): etcd: 1 of at least 3" in passed.said
    stopped = judged.run(PREVIEW, policy={"exceptions": [ENDED]}, **ONE)
    assert stopped.status != 0
    assert f"[the exception (a test, until {ENDED['until']}) has expired]" in stopped.said


def test_a_configuration_file_sets_exceptions_limits_and_levels(judged: Judged) -> None:
    assert judged.run(PREVIEW, file={"etcd": {"exceptions": [EXCEPTION]}}, **ONE).status == 0
    assert judged.run(PREVIEW, file={"etcd": {"exceptions": [ENDED]}}, **ONE).status != 0
    limited = judged.run(PREVIEW, file={"etcd": {"members": 1}}, **ONE)
    assert limited.status == 0
    assert "etcd.members: is set to 1 instead of 3" in limited.said
    strict = judged.run(PREVIEW, file={"etcd": "advisory", "servers": "mandatory"}, **ONE)
    assert strict.status != 0
    assert violations(strict.said, "mandatory") == {"servers"}
    assert "etcd" in violations(strict.said, "advisory")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"policy": {"etcd": {"membrs": 1}}}, "deephaven:policy.etcd.membrs: unknown setting of this rule"),
    ({"file": {"etcd": {"membrs": 1}}}, "etcd.membrs: unknown setting of this rule"),
    ({"file": {"etcd": {"exceptions": [{"rule": "etcd", "reason": "a test"}]}}}, "until is required"),
    ({"file": {"all": "mandatory"}}, "keep the level of the policy secret-marks"),
]


@pytest.mark.parametrize(("settings", "words"), BROKEN, ids=lambda value: str(value)[:50])
def test_settings_that_do_not_fit_end_the_run(judged: Judged, settings: dict[str, Any], words: str) -> None:
    update = judged.run(UP, **settings)
    assert update.status != 0
    assert words in update.said, update.said
    assert judged.untouched


def test_a_good_cluster_is_deployed_with_the_pack_and_then_nothing_is_unknown(judged: Judged) -> None:
    deployed = judged.run(UP)
    assert deployed.status == 0, deployed.said
    assert violations(deployed.said, "mandatory") == set()
    again = judged.run(UP, file={})
    assert again.status == 0
    assert set(again.changes) <= {"same"}
    assert violations(again.said, "mandatory") == set()
    assert "is unknown before the update" not in again.said

"""Waivers of a stack: always with a reason, always visible, and only up to their own threshold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.config import requirements
from components.facts.model import Unreachable
from components.preflight.checks import CHECKS, check_hosts
from components.preflight.finding import Outcome
from components.preflight.table import table
from tests.unit.preflight.good import GIB, good, spec


def outcomes(raw: Mapping[str, Any], waivers: Mapping[str, Any], **system: Any) -> list[tuple[str, Outcome, str]]:  # noqa: ANN401
    """Return check, outcome and remedy of the findings when query1 has another system."""
    hosts = good()
    hosts["query1"] = replace(hosts["query1"], system=replace(hosts["query1"].system, **system))
    findings = check_hosts(spec(raw, {"requirements": waivers}), hosts)
    return [(finding.check, finding.outcome, finding.violation.remedy) for finding in findings]


def test_the_configuration_and_the_preflight_have_the_same_checks() -> None:
    assert set(requirements.CHECKS) == {check.name for check in CHECKS}


def test_an_accepted_finding_is_shown_with_its_reason(raw: dict[str, Any]) -> None:
    waiver = {"memory": {"minimum": "16GiB", "reason": "a small trial"}}
    assert outcomes(raw, waiver, memory=20 * GIB) == [("memory", Outcome.ACCEPTED, "a small trial")]


def test_a_value_below_the_stacks_own_threshold_is_not_accepted(raw: dict[str, Any]) -> None:
    rows = outcomes(raw, {"memory": {"minimum": "16GiB", "reason": "trial"}}, memory=8 * GIB)
    assert [(check, outcome) for check, outcome, _ in rows] == [("memory", Outcome.ERROR)]


def test_a_stack_may_require_more_than_the_guide(raw: dict[str, Any]) -> None:
    rows = outcomes(raw, {"memory": {"minimum": "600GiB", "reason": "large tables"}})
    assert [(check, outcome) for check, outcome, _ in rows] == [("memory", Outcome.ERROR)] * 3


def test_an_ignored_check_is_shown_only_if_it_has_a_finding(raw: dict[str, Any]) -> None:
    waiver = {"swap": {"ignore": True, "reason": "they swap to memory"}}
    assert outcomes(raw, waiver, swap=GIB) == [("swap", Outcome.ACCEPTED, "they swap to memory")]
    assert outcomes(raw, waiver) == []


def test_even_a_certainty_may_be_accepted(raw: dict[str, Any]) -> None:
    waiver = {"architecture": {"ignore": True, "reason": "an emulator"}}
    assert outcomes(raw, waiver, architecture="aarch64") == [("architecture", Outcome.ACCEPTED, "an emulator")]


def test_unreachable_hosts_are_not_checked(raw: dict[str, Any]) -> None:
    assert check_hosts(spec(raw), dict.fromkeys(good(), Unreachable("it hangs", "wait"))) == []
    assert check_hosts(spec(raw), {}) == []


def test_the_table_is_aligned_and_errors_come_first(raw: dict[str, Any]) -> None:
    hosts = good()
    hosts["query2"] = replace(hosts["query2"], java="11", system=replace(hosts["query2"].system, swap=GIB))
    hosts["infra"] = replace(hosts["infra"], system=replace(hosts["infra"].system, memory=GIB))
    waiver = {"requirements": {"memory": {"minimum": "1GiB", "reason": "lab"}}}
    java = "select Java 1.8.0 with alternatives --config java, or remove the other one"
    assert table(check_hosts(spec(raw, waiver), hosts)) == [
        "          host                      check   actual  required  what to do",
        f"error     query2 (h3.lab.internal)  java    11      1.8.0     {java}",
        "warning   query2 (h3.lab.internal)  swap    1 GiB   none      run swapoff -a, and remove swap from /etc/fstab",
        "accepted  infra (h1.lab.internal)   memory  1 GiB   128 GiB   reason: lab",
    ]


def test_a_long_cell_is_cut(raw: dict[str, Any]) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], java="9" * 200)
    assert "9" * 57 + "...  " in table(check_hosts(spec(raw), hosts))[1]

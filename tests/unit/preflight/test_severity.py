"""What a stack accepts: always with a reason, always seen, and never more than it says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.config import requirements
from components.facts.model import Unreachable
from components.preflight.checks import CHECKS, check_hosts
from components.preflight.finding import Outcome
from components.preflight.table import table
from tests.unit.preflight.good import GIB, good, spec


def judged(raw: Mapping[str, Any], waivers: Mapping[str, Any], **system: Any) -> list[tuple[str, Outcome, str]]:  # noqa: ANN401
    """Return check, severity and remedy of what is found when query1 is another machine."""
    hosts = good()
    hosts["query1"] = replace(hosts["query1"], system=replace(hosts["query1"].system, **system))
    findings = check_hosts(spec(raw, {"requirements": waivers}), hosts)
    return [(finding.check, finding.outcome, finding.miss.remedy) for finding in findings]


def test_the_door_and_the_judge_know_the_same_checks() -> None:
    assert set(requirements.CHECKS) == {check.name for check in CHECKS}


def test_what_the_stack_accepts_is_shown_with_its_reason(raw: dict[str, Any]) -> None:
    waiver = {"memory": {"minimum": "16GiB", "reason": "a small trial"}}
    assert judged(raw, waiver, memory=20 * GIB) == [("memory", Outcome.ACCEPTED, "a small trial")]


def test_what_is_below_the_stacks_own_threshold_is_not_accepted(raw: dict[str, Any]) -> None:
    found = judged(raw, {"memory": {"minimum": "16GiB", "reason": "trial"}}, memory=8 * GIB)
    assert [(check, outcome) for check, outcome, _ in found] == [("memory", Outcome.ERROR)]


def test_a_stack_may_want_more_than_the_guide(raw: dict[str, Any]) -> None:
    found = judged(raw, {"memory": {"minimum": "600GiB", "reason": "large tables"}})
    assert [(check, outcome) for check, outcome, _ in found] == [("memory", Outcome.ERROR)] * 3


def test_an_ignored_check_is_shown_only_when_it_would_say_no(raw: dict[str, Any]) -> None:
    waiver = {"swap": {"ignore": True, "reason": "they swap to memory"}}
    assert judged(raw, waiver, swap=GIB) == [("swap", Outcome.ACCEPTED, "they swap to memory")]
    assert judged(raw, waiver) == []


def test_even_what_can_never_work_may_be_accepted(raw: dict[str, Any]) -> None:
    waiver = {"architecture": {"ignore": True, "reason": "an emulator"}}
    assert judged(raw, waiver, architecture="aarch64") == [("architecture", Outcome.ACCEPTED, "an emulator")]


def test_hosts_that_could_not_be_read_are_not_judged(raw: dict[str, Any]) -> None:
    assert check_hosts(spec(raw), dict.fromkeys(good(), Unreachable("it hangs", "wait"))) == []
    assert check_hosts(spec(raw), {}) == []


def test_the_table_is_aligned_and_the_worst_stands_first(raw: dict[str, Any]) -> None:
    hosts = good()
    hosts["query2"] = replace(hosts["query2"], java="11", system=replace(hosts["query2"].system, swap=GIB))
    hosts["infra"] = replace(hosts["infra"], system=replace(hosts["infra"].system, memory=GIB))
    waiver = {"requirements": {"memory": {"minimum": "1GiB", "reason": "lab"}}}
    java = "make Java 1.8.0 the one on PATH (alternatives --config java), or remove it"
    assert table(check_hosts(spec(raw, waiver), hosts)) == [
        "          host                      check   found  needed   what to do",
        f"error     query2 (h3.lab.internal)  java    11     1.8.0    {java}",
        "warning   query2 (h3.lab.internal)  swap    1 GiB  none     swapoff -a, and take it out of /etc/fstab",
        "accepted  infra (h1.lab.internal)   memory  1 GiB  128 GiB  reason: lab",
    ]


def test_a_long_cell_is_cut(raw: dict[str, Any]) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], java="9" * 200)
    assert "9" * 57 + "...  " in table(check_hosts(spec(raw), hosts))[1]

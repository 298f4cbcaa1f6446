"""Settings of rules: valid and invalid ones, and exceptions that expire."""

from datetime import date, timedelta
from typing import Any

import pytest

from policy.rules.index import BY_NAME
from policy.rules.model import Finding
from policy.rules.settings import Exemption, SettingsError, find_exemption, merged, settings, stack_settings
from tests.unit.policy.cases import NOW

TODAY = NOW.date()
FINDING = Finding("infra (h1.lab.internal)", "is wrong", "fix it")
GOOD = {"rule": "etcd", "reason": "a move", "until": "2026-03-01"}


def test_limits_and_exceptions_of_a_stack() -> None:
    by_rule = stack_settings(
        {"etcd": {"members": 5}, "exceptions": [GOOD, {**GOOD, "rule": "build", "where": "infra"}]}
    )
    assert by_rule["etcd"].limits == {"members": 5}
    assert by_rule["etcd"].exceptions == (Exemption(rule="etcd", reason="a move", until=date(2026, 3, 1)),)
    assert by_rule["build"].exceptions[0].where == "infra"
    assert set(by_rule) == {"etcd", "build"}


BAD: list[tuple[Any, str]] = [
    ([], "deephaven:policy: is not a mapping; write rules with their limits"),
    ("words", "deephaven:policy: is not a mapping; write rules with their limits"),
    ({"etdc": {}}, "deephaven:policy.etdc: unknown rule; use one of etcd, servers"),
    ({"etcd": 3}, "deephaven:policy.etcd: is not a mapping; write limits and exceptions"),
    ({"etcd": {"membrs": 3}}, "deephaven:policy.etcd.membrs: unknown setting of this rule; use one of members"),
    ({"etcd": {"members": "many"}}, "deephaven:policy.etcd.members: is not a number; write a number"),
    ({"etcd": {"members": True}}, "deephaven:policy.etcd.members: is not a number; write a number"),
    ({"etcd": {"members": -1}}, "deephaven:policy.etcd.members: is not a number; write a number"),
    ({"commands": {"users": "centos"}}, "deephaven:policy.commands.users: is not a list of names; write one"),
    ({"exceptions": {"rule": "etcdd"}}, "deephaven:policy.exceptions: unknown rule 'etcdd'"),
    ({"exceptions": ["etcd"]}, "deephaven:policy.exceptions: unknown rule None"),
    ({"exceptions": [{**GOOD, "untill": "x"}]}, "write {rule: etcd, reason: WHY, until: DATE}"),
    ({"exceptions": [{**GOOD, "reason": " "}]}, "has no reason"),
    ({"exceptions": [{"rule": "etcd", "reason": "a move"}]}, "has no last day; write it quoted"),
    ({"exceptions": [{**GOOD, "until": "2026-02-30"}]}, "has no last day"),
    ({"exceptions": [{**GOOD, "until": 20260301}]}, "has no last day"),
]


@pytest.mark.parametrize(("raw", "words"), BAD, ids=lambda value: str(value)[:40])
def test_an_invalid_setting_has_one_finding(raw: Any, words: str) -> None:  # noqa: ANN401 - any value
    with pytest.raises(SettingsError) as refused:
        stack_settings(raw)
    assert len(refused.value.findings) == 1
    assert words in refused.value.findings[0]


def test_all_findings_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        stack_settings({"etdc": {}, "etcd": {"a": 1, "b": 2}, "exceptions": [{**GOOD, "reason": "", "until": ""}]})
    assert len(refused.value.findings) == 5


def test_an_exception_in_a_file_names_its_own_rule() -> None:
    assert settings(BY_NAME["etcd"], {"exceptions": [GOOD]}, "etcd").exceptions != ()
    with pytest.raises(SettingsError, match="names the rule 'etcd'; write rule: build"):
        settings(BY_NAME["build"], {"exceptions": [GOOD]}, "build")


def test_the_file_overrides_limits_of_the_stack_and_adds_exceptions() -> None:
    stack = settings(BY_NAME["etcd"], {"members": 5, "exceptions": [GOOD]}, "stack")
    file = settings(BY_NAME["etcd"], {"members": 7, "exceptions": [GOOD]}, "file")
    both = merged([stack, file])
    assert both.limits == {"members": 7}
    assert len(both.exceptions) == 2


def _until(days: int, where: str = "") -> Exemption:
    return Exemption(rule="etcd", reason="a move", until=TODAY + timedelta(days=days), where=where)


def test_an_exception_applies_until_its_last_day() -> None:
    assert find_exemption(FINDING, [_until(0)], TODAY) == (_until(0), None)
    assert find_exemption(FINDING, [_until(-1)], TODAY) == (None, _until(-1))
    assert find_exemption(FINDING, [_until(-1), _until(5)], TODAY) == (_until(5), None)
    assert find_exemption(FINDING, [], TODAY) == (None, None)


@pytest.mark.parametrize(("where", "covered"), [("infra", True), (FINDING.where, True), ("inf", False), ("", True)])
def test_an_exception_can_apply_to_one_place(where: str, covered: bool) -> None:  # noqa: FBT001 - the case
    assert _until(1, where).covers(FINDING) is covered

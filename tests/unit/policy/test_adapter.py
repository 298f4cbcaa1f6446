"""The adapter: arguments of the SDK, reports, levels, exceptions, and properties that could not be evaluated."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
    deserialize,
    proxy,
)

from policy.rules.adapter import MARKS, Evaluator, schema
from policy.rules.index import BY_NAME, RULES, ResourceRule, StackRule
from policy.rules.model import UNKNOWN, Secret
from policy.rules.pack import environment, settings_of
from policy.rules.properties import marked
from policy.rules.settings import SettingsError, stack_settings
from policy.rules.tokens import CLUSTER, COMMAND
from tests.unit.policy.cases import NOW, STEP, topology
from tests.unit.policy.test_commands import TOKEN

OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])  # noqa: FBT003 - the SDK's
EXCEPTION = {"rule": "etcd", "reason": "a move", "until": "2026-03-01"}


class Run:
    """One run of the pack, as the SDK's server drives it: each resource, then the stack."""

    def __init__(self, env: str = "production", stack: Mapping[str, Any] | None = None, **file: Any) -> None:  # noqa: ANN401
        self.policies: dict[str, Policy] = {
            policy.name: policy
            for policy in Evaluator(env, stack_settings(stack) if stack else {}, lambda: NOW).policies()
        }
        self.file = file
        self.reported: dict[str, list[str]] = {}
        self.resources: list[PolicyResource] = []

    def analyze(self, kind: str, name: str, wire: Mapping[str, Any], *, marks: bool = True) -> None:
        """Pass a resource, with its properties in the engine's wire format."""
        if marks:
            recording = self.policies[MARKS]
            assert isinstance(recording, ResourceValidationPolicy)
            props = proxy.unknown_checking_proxy(deserialize.deserialize_properties(dict(wire), proxy_secrets=True))
            assert recording.remediate(self._args(kind, name, props, MARKS)) is None
        props = proxy.unknown_checking_proxy(deserialize.deserialize_properties(dict(wire)))
        for rule, policy in self.policies.items():
            if isinstance(policy, ResourceValidationPolicy) and policy.has_validation():
                policy.validate(self._args(kind, name, props, rule), self._report(rule))
        self.resources.append(PolicyResource(kind, props, name, name, OPTIONS, None, None, [], {}))

    def _args(self, kind: str, name: str, props: Any, rule: str) -> ResourceValidationArgs:  # noqa: ANN401
        return ResourceValidationArgs(kind, props, f"urn:{name}", name, OPTIONS, None, self.file.get(rule))

    def _report(self, rule: str) -> Any:  # noqa: ANN401 - the SDK's callback
        def report(text: str, _urn: str | None = None) -> None:
            self.reported.setdefault(rule, []).append(text)

        return report

    def end(self) -> dict[str, list[str]]:
        """Pass the stack and return the reports by rule."""
        for rule, policy in self.policies.items():
            if isinstance(policy, StackValidationPolicy):
                policy.validate(StackValidationArgs(self.resources, self.file.get(rule)), self._report(rule))
        return self.reported


def secret(value: object) -> dict[str, object]:
    """Return a value with the engine's secret mark."""
    return {deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG, "value": value}


def of_topology(run: Run, **change: Any) -> dict[str, list[str]]:  # noqa: ANN401 - any value
    run.analyze(CLUSTER, "deephaven", {"topology": topology(**change)})
    return run.end()


def test_a_bad_cluster_is_reported_under_the_rule() -> None:
    reported = of_topology(Run(), etcd=["infra"])
    assert [line.partition(";")[0] for line in reported["etcd"]] == [
        "etcd: 1 of at least 3 members: a single failing host may stop the cluster"
    ]
    assert len(reported["servers"]) == 2
    assert reported["protection"][0].startswith("infra (h1.lab.internal): holds")


@pytest.mark.parametrize("wire", [{}, {"topology": proxy.UNKNOWN_OBJECT_VALUE}, {"topology": {}}], ids=str)
def test_a_root_component_without_a_policy_view_fails(wire: dict[str, Any]) -> None:
    run = Run()
    run.analyze(CLUSTER, "deephaven", wire)
    expected = {rule.name for rule in RULES if isinstance(rule, ResourceRule) and CLUSTER in rule.of}
    assert run.reported.keys() == expected
    assert all("lacks the policy view of its cluster" in lines[0] for lines in run.reported.values())


def test_every_rule_is_a_policy_at_the_level_of_the_environment() -> None:
    for env in ("production", "test", ""):
        policies = Run(env).policies
        assert list(policies) == [MARKS, *BY_NAME]
        for rule in RULES:
            assert policies[rule.name].enforcement_level == EnforcementLevel(rule.level(env))
    assert Run("").policies["etcd"].enforcement_level == EnforcementLevel.MANDATORY
    assert Run("test").policies["etcd"].enforcement_level == EnforcementLevel.ADVISORY
    assert Run("test").policies["commands"].enforcement_level == EnforcementLevel.MANDATORY


@pytest.mark.parametrize(
    ("text", "expected"),
    [('{"environment": "test"}', "test"), ("", ""), (None, ""), ("words", ""), ("[]", ""), ('{"environment": 1}', "")],
)
def test_the_environment_is_that_of_the_stack(text: str | None, expected: str) -> None:
    assert environment(text) == expected


def test_invalid_settings_of_a_stack_end_the_run() -> None:
    assert settings_of(None) == {}
    assert set(settings_of('{"etcd": {"members": 1}}')) == {"etcd"}
    with pytest.raises(SettingsError):
        settings_of("words")


@pytest.mark.parametrize("by", ["the stack", "the file"])
def test_an_exception_applies_and_is_reported(by: str) -> None:
    run = Run(stack={"exceptions": [EXCEPTION]}) if by == "the stack" else Run(etcd={"exceptions": [EXCEPTION]})
    reported = of_topology(run, etcd=["infra"])
    assert "etcd" not in reported
    assert "exception from etcd (a move, until 2026-03-01): etcd: 1 of at least 3 members" in reported["waivers"][0]


def test_an_exception_from_a_stack_rule_is_reported_too() -> None:
    reported = of_topology(Run(stack={"exceptions": [{**EXCEPTION, "rule": "protection", "where": "infra"}]}))
    assert [line.partition(" ")[0] for line in reported["protection"]] == ["query1", "query2"]
    assert "exception from protection (a move, until 2026-03-01): infra (h1.lab.internal)" in reported["waivers"][0]
    assert [rule.name for rule in RULES if isinstance(rule, StackRule) and rule.reports_skipped] == [RULES[-1].name]


def test_an_expired_exception_no_longer_applies() -> None:
    reported = of_topology(Run(stack={"exceptions": [{**EXCEPTION, "until": "2025-12-31"}]}), etcd=["infra"])
    assert "[the exception (a move, until 2025-12-31) has expired]" in reported["etcd"][0]


def test_limits_are_reported_and_the_file_overrides_the_stack() -> None:
    reported = of_topology(Run(stack={"etcd": {"members": 5}}, etcd={"members": 1.0}), etcd=["infra"])
    assert "etcd" not in reported
    assert "etcd.members: is set to 1 instead of 3" in reported["waivers"][0]


def test_invalid_settings_in_the_file_are_a_violation() -> None:
    reported = of_topology(Run(etcd={"membrs": 1.0}))
    assert reported["etcd"] == ["etcd.membrs: unknown setting of this rule; use one of members, exceptions"]


def test_secret_marks_are_recorded() -> None:
    run = Run()
    run.analyze(COMMAND, "good", {**STEP, "connection": secret({**STEP["connection"], "privateKey": TOKEN})})  # type: ignore[dict-item]
    assert run.reported == {}
    run.analyze(COMMAND, "bad", {**STEP, "connection": {**STEP["connection"], "privateKey": TOKEN}})  # type: ignore[dict-item]
    (line,) = run.reported.pop("secrets")
    assert line.startswith("bad: connection.privateKey is a secret in plain text; wrap it in")
    assert run.reported == {}


def test_without_marks_the_rule_secrets_fails_and_the_others_run() -> None:
    run = Run()
    run.analyze(COMMAND, "blind", {**STEP, "stdin": "", "connection": secret(STEP["connection"])}, marks=False)
    assert [line.partition(";")[0] for line in run.reported["commands"]] == ["blind: has no time limit"]
    assert "keep the level of the policy secret-marks" in run.reported["secrets"][0]


@pytest.mark.parametrize("marks", [True, False])
def test_an_unknown_value_neither_crashes_nor_passes_silently(marks: bool) -> None:  # noqa: FBT001 - the case
    run = Run()
    unknown = {"hostKey": proxy.UNKNOWN_STRING_VALUE, "proxy": proxy.UNKNOWN_OBJECT_VALUE}
    wire = {**STEP, "stdin": proxy.UNKNOWN_STRING_VALUE, "connection": {**STEP["connection"], **unknown}}  # type: ignore[dict-item]
    run.analyze(COMMAND, "one", wire, marks=marks)
    run.analyze(COMMAND, "list", {**STEP, "assetPaths": [proxy.UNKNOWN_STRING_VALUE]}, marks=marks)
    lines = run.end()["waivers"][0].splitlines()
    assert "one: stdin is unknown before the update; commands was not evaluated" in lines
    assert "one: connection.hostKey is unknown before the update; commands was not evaluated" in lines
    assert ("one: stdin is unknown before the update; secrets was not evaluated" in lines) is marks
    assert ("list: assetPaths[0] is unknown before the update; secrets was not evaluated" in lines) is marks
    run.reported.clear()
    assert "waivers" not in run.end(), "each skipped evaluation is reported once"


def test_the_schema_has_every_limit_and_the_keys_of_exceptions() -> None:
    for rule in RULES:
        properties = schema(rule).properties
        assert set(properties) == {*rule.limits, "exceptions"}
        assert properties["exceptions"]["items"]["required"] == ["rule", "reason", "until"]


def test_a_secret_that_is_empty_before_the_update_is_unknown() -> None:
    secret = {deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG, "value": ""}
    with patch.object(deserialize, "serialize_properties", lambda props: props):
        assert marked({"stdin": secret}) == {"stdin": Secret(UNKNOWN)}
        assert marked({"stdin": {**secret, "value": "text"}}) == {"stdin": Secret("text")}

"""Adapts the rules to the SDK: its arguments become plain values, and findings become violations."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy.rules.index import RULES, ResourceRule, Rule, StackRule
from policy.rules.model import Finding, NotEvaluated, Resource, Result, RuleContext
from policy.rules.properties import marked, unmarked
from policy.rules.settings import EXCEPTIONS, Settings, SettingsError, find_exemption, merged, settings
from policy.rules.tokens import CLUSTER

MARKS = "secret-marks"
DATE = r"^\d{4}-\d{2}-\d{2}$"


class Evaluator:
    """All rules applied to one stack; skipped findings are reported at the end."""

    def __init__(self, environment: str, stack: Mapping[str, Settings], now: Callable[[], datetime]) -> None:
        self._environment = environment
        self._stack = stack
        self._now = now
        self._marked: dict[str, dict[str, Any]] = {}
        self._skipped: dict[str, None] = {}  # a set that keeps the order

    def policies(self) -> list[Policy]:
        """Return the rules as policies; the first policy only records which properties are secret."""
        return [self._marks(), *(self._policy(rule) for rule in RULES)]

    def _marks(self) -> Policy:
        """Return the policy that records which properties are secret: the SDK shows that only to remediations."""

        def record(args: ResourceValidationArgs) -> None:
            self._marked[args.urn] = marked(args.props)

        return ResourceValidationPolicy(
            name=MARKS,
            description="Records which properties are secret, for the rule secrets; changes nothing.",
            enforcement_level=EnforcementLevel.REMEDIATE,
            remediate=record,
        )

    def _policy(self, rule: ResourceRule | StackRule) -> Policy:
        common: dict[str, Any] = {
            "name": rule.name,
            "description": rule.description,
            "enforcement_level": EnforcementLevel(rule.level(self._environment)),
            "config_schema": schema(rule),
        }
        if isinstance(rule, StackRule):
            return StackValidationPolicy(**common, validate=self._of_stack(rule))
        return ResourceValidationPolicy(**common, validate=self._of_resource(rule))

    def _of_resource(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if rule.of and args.resource_type not in rule.of:
                return
            marks = self._marked.get(args.urn)
            resource = Resource(
                type=args.resource_type,
                name=args.name,
                properties=unmarked(args.props) if marks is None else marks,
                protected=args.opts.protect,
                secret_outputs=tuple(args.opts.additional_secret_outputs),
                marked=marks is not None,
            )
            if resource.type == CLUSTER and rule.of and not resource.topology:
                report(
                    f"{resource.name}: lacks the policy view of its cluster; use the policy pack of the same version",
                    None,
                )
                return
            self._report(rule, args.get_config(), lambda context: rule.evaluate(resource, context), report)

        return validate

    def _of_stack(self, rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            resources = [_stacked(resource) for resource in args.resources]
            self._report(rule, args.get_config(), lambda context: rule.evaluate(resources, context), report)

        def validate_and_report(args: StackValidationArgs, report: ReportViolation) -> None:
            lines: list[str] = []

            def collect(text: str, _urn: str | None) -> None:
                lines.append(text)

            validate(args, collect)
            lines += self._skipped
            self._skipped.clear()
            if lines:
                report("\n".join(lines), None)

        return validate_and_report if rule.reports_skipped else validate

    def _report(
        self,
        rule: Rule,
        raw: Mapping[str, Any],
        evaluate: Callable[[RuleContext], Iterable[Result]],
        report: ReportViolation,
    ) -> None:
        """Report the findings of a rule without exempted ones; invalid settings are a finding themselves."""
        now, stack = self._now(), self._stack.get(rule.name, Settings())
        try:
            own = merged([stack, settings(rule, _plain(raw), rule.name)])
        except SettingsError as error:
            report(str(error), None)
            return
        for key, value in own.limits.items():
            if value != rule.limits[key]:
                self._skipped[f"{rule.name}.{key}: is set to {value} instead of {rule.limits[key]}"] = None
        for result in evaluate(RuleContext(limits={**rule.limits, **own.limits}, now=now)):
            match result:
                case NotEvaluated():
                    self._skipped[f"{result}; {rule.name} was not evaluated"] = None
                case Finding():
                    self._apply(rule, result, own, report)

    def _apply(self, rule: Rule, finding: Finding, own: Settings, report: ReportViolation) -> None:
        valid, expired = find_exemption(finding, own.exceptions, self._now().date())
        if valid:
            self._skipped[f"exception from {rule.name} ({valid}): {finding}"] = None
        else:
            report(f"{finding}{f' [the exception ({expired}) has expired]' if expired else ''}", None)


def utc() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def schema(rule: Rule) -> PolicyConfigSchema:
    """Return the schema of a rule's settings in `--policy-pack-config`; the engine checks it first."""
    number = {"type": "number", "minimum": 0}
    names = {"type": "array", "items": {"type": "string"}}
    exception = {
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", "reason", "until"],
        "properties": {
            "rule": {"enum": [rule.name]},
            "reason": {"type": "string", "minLength": 3},
            "until": {"type": "string", "pattern": DATE},
            "where": {"type": "string"},
        },
    }
    limits = {key: names if isinstance(value, list) else number for key, value in rule.limits.items()}
    return PolicyConfigSchema({**limits, EXCEPTIONS: {"type": "array", "items": exception}})


def _stacked(resource: PolicyResource) -> Resource:
    """Return a resource for stack rules, which use only the root component's properties."""
    return Resource(
        type=resource.resource_type,
        name=resource.name,
        properties=unmarked(resource.props) if resource.resource_type.startswith("deephaven:") else {},
        protected=resource.opts.protect,
        marked=False,
    )


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's settings with whole numbers as integers: the engine sends all numbers as floats."""
    return {key: int(value) if isinstance(value, float) and value.is_integer() else value for key, value in raw.items()}

"""A pack with one rule: a command must not contain the word that the stack's configuration forbids."""

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def _validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
    word = pulumi.Config("try").get("forbidden")
    if word and word in str(args.props.get("create")):
        report(f"{args.name} has the word {word}", None)


rule = ResourceValidationPolicy(
    name="no-forbidden-word",
    description="Commands do not contain the forbidden word.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=_validate,
)

PolicyPack(name="words", policies=[rule])

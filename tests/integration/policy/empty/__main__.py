"""A pack with one empty rule, to measure the cost of any pack."""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

rule = ResourceValidationPolicy(
    name="nothing",
    description="Checks nothing.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=lambda _args, _report: None,
)

PolicyPack(name="empty", policies=[rule])

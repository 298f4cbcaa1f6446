"""A pack of one rule that looks at nothing: what any pack costs."""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

rule = ResourceValidationPolicy(
    name="nothing",
    description="Looks at nothing.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=lambda _args, _report: None,
)

PolicyPack(name="empty", policies=[rule])

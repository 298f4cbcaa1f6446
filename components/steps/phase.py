"""A phase of the installation as a component: it registers its steps."""

from collections.abc import Iterable
from typing import Any, ClassVar

import pulumi

from components.steps.model import AnyStep
from components.steps.resources import DeploymentContext, register


class PhaseComponent(pulumi.ComponentResource):
    """One phase: its steps become child resources, in the plan's order; subclasses define its outputs."""

    kind: ClassVar[str]

    def __init__(
        self,
        name: str,
        *,
        steps: Iterable[AnyStep],
        context: DeploymentContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"deephaven:{self.kind}", name, None, opts)
        for step in steps:
            register(step, context, parent=self)
        outputs = self.describe(context)
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(outputs)

    def describe(self, context: DeploymentContext) -> dict[str, Any]:  # noqa: ARG002 - subclasses use both
        """Return the phase's outputs by attribute; no secrets."""
        return {}

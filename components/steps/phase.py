"""A phase of the installation as a component: it registers its steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pulumi_command as command

from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.steps.connection import Endpoint
from components.steps.model import AnyStep, FileCopy, FileTransfer, Step
from components.steps.reason import Reason
from components.steps.resources import StepContext, register, register_copy, register_transfer
from components.topology.cluster import Node


@dataclass(kw_only=True)
class DeploymentContext:
    """The state of a registration: the resources so far, by step, and its inputs: endpoints, secrets, hooks, drift.

    Every resource's name begins with the cluster's `name`, so that a program may have several clusters.
    """

    name: str
    spec: DeploymentSpec
    project_dir: Path
    endpoints: Mapping[str, Endpoint]
    secrets: Mapping[str, pulumi.Output[str]]
    hooks: Mapping[str, pulumi.ErrorHook]
    reasons: Mapping[str, Reason]
    resources: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    steps: dict[str, command.remote.Command] = field(default_factory=dict)

    def host(self, node: Node) -> pulumi.CustomResource | None:
        """Return the resource of a host once it is registered."""
        return self.resources.get(Installation.HOST.on(node))


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
            context.resources[step.resource_name] = self._register(step, context)
        outputs = self.describe(context)
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(outputs)

    def describe(self, context: DeploymentContext) -> dict[str, Any]:  # noqa: ARG002 - subclasses use both
        """Return the phase's outputs by attribute; no secrets."""
        return {}

    def _register(self, step: AnyStep, context: DeploymentContext) -> pulumi.CustomResource:
        endpoint = context.endpoints[step.node.key]
        step_context = StepContext(
            parent=self,
            depends_on=[context.resources[name] for name in step.after],
            host=context.host(step.node),
            hook=context.hooks[step.node.key],
            reason=context.reasons.get(step.resource_name),
        )
        name = f"{context.name}-{step.resource_name}"
        match step:
            case Step():
                secrets = {variable: context.secrets[secret] for variable, secret in step.secrets.items()}
                registered = register(name, step, endpoint, step_context, secrets=secrets)
                context.steps[step.resource_name] = registered
                return registered
            case FileTransfer():
                return register_transfer(name, step, context.endpoints, step_context)
            case FileCopy():
                return register_copy(name, step, endpoint, step_context, project_dir=context.project_dir)

"""An area of the installation as a component: it registers its part of the plan and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_command as command

from components.steps.connection import Endpoint
from components.steps.plan import ANCHOR, Action, Copy, Relay, Task
from components.steps.reason import Reason
from components.steps.resources import Surroundings, register, register_copy, register_relay


@dataclass(kw_only=True)
class Registry:
    """What is registered so far, by name, and what registering needs: endpoints, secrets, error hooks, drift."""

    endpoints: Mapping[str, Endpoint]
    secrets: Mapping[str, pulumi.Output[str]]
    hooks: Mapping[str, pulumi.ErrorHook]
    reasons: Mapping[str, Reason]
    resources: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    steps: dict[str, command.remote.Command] = field(default_factory=dict)

    def anchor(self, host: str) -> pulumi.CustomResource | None:
        """Return a host's anchor once it is registered."""
        return self.resources.get(f"{host}-{ANCHOR}")


class Area(pulumi.ComponentResource):
    """One area: its tasks become resources beneath it, in the plan's order."""

    kind: ClassVar[str]

    def __init__(
        self,
        name: str,
        *,
        tasks: Iterable[Task],
        registry: Registry,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"deephaven:{self.kind}", name, None, opts)
        for task in tasks:
            self._add(task, registry)
        self.register_outputs({})

    def _add(self, task: Task, registry: Registry) -> None:
        surroundings = Surroundings(
            parent=self,
            depends_on=[registry.resources[name] for name in task.after],
            anchor=registry.anchor(task.node.key),
            hook=registry.hooks[task.node.key],
            reason=registry.reasons.get(task.name),
        )
        match task:
            case Action():
                secrets = {variable: registry.secrets[secret] for variable, secret in task.secrets.items()}
                step = register(task, registry.endpoints[task.node.key], surroundings, secrets=secrets)
                registry.steps[task.name] = registry.resources[task.name] = step
            case Relay():
                registry.resources[task.name] = register_relay(task, registry.endpoints, surroundings)
            case Copy():
                registry.resources[task.name] = register_copy(task, registry.endpoints[task.node.key], surroundings)

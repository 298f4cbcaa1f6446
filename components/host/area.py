"""An area of the installation as a component: it registers its part of the plan and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_command as command

from components.host.connection import Endpoint
from components.host.step import ANCHOR, register, register_relay
from components.topology.plan import Action, Copy, Relay, Task


@dataclass(kw_only=True)
class Registry:
    """What is registered so far, by name, and what registering needs: endpoints, secrets, error hooks."""

    endpoints: Mapping[str, Endpoint]
    secrets: Mapping[str, pulumi.Output[str]]
    hooks: Mapping[str, pulumi.ErrorHook]
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
        after = [registry.resources[name] for name in task.after]
        anchor = registry.anchor(task.node.key)
        endpoint, hook = registry.endpoints[task.node.key], registry.hooks[task.node.key]
        match task:
            case Action():
                secrets = {variable: registry.secrets[secret] for variable, secret in task.secrets.items()}
                step = register(
                    task, endpoint, secrets=secrets, parent=self, depends_on=after, anchor=anchor, hook=hook
                )
                registry.steps[task.name] = registry.resources[task.name] = step
            case Relay():
                registry.resources[task.name] = register_relay(
                    task, registry.endpoints, parent=self, depends_on=after, anchor=anchor, hook=hook
                )
            case Copy():
                registry.resources[task.name] = command.remote.CopyToRemote(
                    task.name,
                    connection=endpoint.arguments(),
                    source=pulumi.FileAsset(task.source),
                    remote_path=task.target,
                    opts=pulumi.ResourceOptions(
                        parent=self,
                        depends_on=after,
                        deleted_with=anchor,
                        hooks=pulumi.ResourceHookBinding(on_error=[hook]),
                    ),
                )

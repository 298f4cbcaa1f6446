"""Registers steps; no other module creates `remote.Command`, `local.Command` or `CopyToRemote`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pulumi
import pulumi_command as command

from components.steps.connection import Endpoint
from components.steps.model import FileCopy, FileTransfer, Step
from components.steps.reason import Reason
from components.steps.script import launcher, render, render_transfer

DECOMMISSION = "decommission"
# All inputs of a host's resource: for a lost host none may change, since a change would connect to it.
INPUTS = ["connection", "create", "update", "delete", "stdin", "logging", "addPreviousOutputInEnv"]


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """The context of a resource: its parent, its dependencies, its host's resource, the error hook, and drift.

    `host` is None for the host's own resource, which is the only step with a delete; all others are deleted with it.
    `reason` says why the step must run again; without one, its `update` does not change.
    """

    parent: pulumi.Resource
    depends_on: Sequence[pulumi.Resource]
    host: pulumi.Resource | None
    hook: pulumi.ErrorHook
    reason: Reason | None

    def options(self, sticky: str, secret_outputs: list[str] | None = None) -> pulumi.ResourceOptions:
        """Return the resource's options; `sticky` is the property that changes only with a reason."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            depends_on=list(self.depends_on),
            deleted_with=self.host,
            ignore_changes=None if self.reason else [sticky],
            hooks=pulumi.ResourceHookBinding(on_error=[self.hook]),
            additional_secret_outputs=secret_outputs,
        )

    def update(self, text: str) -> str:
        """Return the command of an update: that of the creation, with the reason as a comment."""
        return f"{text}   # {self.reason.text}" if self.reason else text

    def update_here(self, text: str) -> str:
        """Return the command of an update on the operator's machine, which never contains text from a host."""
        return f"{text}   # again {self.reason.token}" if self.reason else text


def register(
    name: str, step: Step, endpoint: Endpoint, context: StepContext, *, secrets: Mapping[str, pulumi.Input[str]]
) -> command.remote.Command:
    """Register one step.

    `secrets` are the values of the step's secret inputs by variable; if there are any, all of standard input is secret.
    """
    text = launcher(step.name)
    return command.remote.Command(
        name,
        connection=endpoint.arguments(),
        create=text,
        # Set from the beginning, so that a later reason changes no other step.
        update=context.update(text),
        delete=launcher(DECOMMISSION) if context.host is None else None,
        stdin=_stdin(step, secrets),
        logging=command.remote.Logging.NONE,
        add_previous_output_in_env=False,
        opts=_protected(step, context.options("update", ["stdout", "stderr"] if secrets else None)),
    )


def _protected(step: Step, options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return a step's options with its protection; a lost host's resource is only removed from the state."""
    if step.lost:
        lost = pulumi.ResourceOptions(retain_on_delete=True, protect=False, ignore_changes=INPUTS)
        return pulumi.ResourceOptions.merge(options, lost)
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(protect=step.protected or None))


def register_transfer(
    name: str, transfer: FileTransfer, endpoints: Mapping[str, Endpoint], context: StepContext
) -> command.local.Command:
    """Register one transfer, the only command that runs on the operator's machine; its ssh uses the operator's agent.

    No setting of the operator's machine is an input: hosts and their pinned keys come from `endpoints`.
    """
    text = f"bash -s -- {transfer.name}"
    if context.reason:
        pulumi.log.info(f"{name}: runs again: {context.reason.text}")
    source, target = endpoints[transfer.source.key], endpoints[transfer.node.key]
    bastion = target.bastion.words() if target.bastion else ()
    stdin = render_transfer(transfer, source=source.words(), target=target.words(), bastion=bastion)
    return command.local.Command(
        name,
        create=text,
        update=context.update_here(text),
        stdin=stdin,
        logging=command.local.Logging.NONE,
        add_previous_output_in_env=False,
        opts=context.options("update"),
    )


def register_copy(
    name: str, copy: FileCopy, endpoint: Endpoint, context: StepContext, *, project_dir: Path
) -> command.remote.CopyToRemote:
    """Register one copy.

    The plugin copies again if content or path changes. So a file that is needed again gets a new name, which is
    harmless because the installation finds the file by its digest.
    """
    path = copy.target
    if context.reason:
        path = str(PurePosixPath(path).with_name(f"{context.reason.stamp}-{PurePosixPath(path).name}"))
    return command.remote.CopyToRemote(
        name,
        connection=endpoint.arguments(),
        source=pulumi.FileAsset(os.path.relpath(project_dir.resolve() / copy.source)),
        remote_path=path,
        opts=context.options("remotePath"),
    )


def _stdin(step: Step, secrets: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    if not secrets:
        return render(step, {})
    values = pulumi.Output.all(**secrets).apply(lambda values: render(step, values))
    return pulumi.Output.secret(values)

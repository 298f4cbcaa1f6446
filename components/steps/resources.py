"""Registers steps; no other module creates `remote.Command`, `local.Command` or `CopyToRemote`."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pulumi
import pulumi_command as command

from components.installation import Installation
from components.release.spec import DeploymentSpec
from components.steps.connection import Endpoint
from components.steps.model import AnyStep, FileCopy, FileTransfer, Step
from components.steps.reason import Reason
from components.steps.script import digest, launcher, render, render_transfer
from components.topology.cluster import Node

DECOMMISSION = "decommission"
SHOWN = 32  # exit status: the program has reported the error, so the engine adds nothing
FRAMES = 7  # six of the SDK, which it leaves out, and the one that creates the resource
# All inputs of a host's resource: for a lost host none may change, since a change would connect to it.
INPUTS = ["connection", "create", "update", "delete", "stdin", "logging", "addPreviousOutputInEnv"]


@dataclass(kw_only=True)
class DeploymentContext:
    """The state of a registration: the resources so far, by step, and its inputs: endpoints, secrets, hooks, drift.

    Every resource's name begins with the cluster's `name`, so that a program may have several clusters. `reasons` say
    why a step must run again; the `update` of the others does not change.
    """

    name: str
    spec: DeploymentSpec
    project_dir: Path
    endpoints: Mapping[str, Endpoint]
    secrets: Mapping[str, pulumi.Output[str]]
    hooks: Mapping[str, pulumi.ErrorHook]
    reasons: Mapping[str, Reason]
    resources: dict[str, pulumi.CustomResource] = field(default_factory=dict)

    def host(self, node: Node) -> pulumi.CustomResource | None:
        """Return the resource of a host once it is registered."""
        return self.resources.get(Installation.HOST.on(node))

    def stdout(self, step: str) -> pulumi.Output[str] | None:
        """Return the standard output of a step on a host; None if the plan lacks the step."""
        resource = self.resources.get(step)
        return resource.stdout if isinstance(resource, command.remote.Command) else None


def register(step: AnyStep, context: DeploymentContext, *, parent: pulumi.Resource) -> None:
    """Register one step as a child of `parent`, after the resources that it waits for."""
    name = f"{context.name}-{step.resource_name}"
    reason = context.reasons.get(step.resource_name)
    options = pulumi.ResourceOptions(
        parent=parent,
        depends_on=[context.resources[after] for after in step.after],
        # None for the host's own resource, which is the only step with a delete; all others are deleted with it.
        deleted_with=context.host(step.node),
        ignore_changes=None if reason else ["remotePath" if isinstance(step, FileCopy) else "update"],
        hooks=pulumi.ResourceHookBinding(on_error=[context.hooks[step.node.key]]),
    )
    with short_stack_trace():
        match step:
            case Step():
                resource: pulumi.CustomResource = _remote(name, step, context, reason, options)
            case FileTransfer():
                if reason:
                    pulumi.log.info(f"{name}: runs again: {reason.text}")
                resource = _local(name, step, context.endpoints, reason, options)
            case FileCopy():
                resource = _copy(name, step, context, reason, options)
    context.resources[step.resource_name] = resource


@contextmanager
def short_stack_trace() -> Iterator[None]:
    """Keep the state small while a resource is registered: the SDK adds each frame of the program's stack to it.

    A kilobyte each, most of it paths on the operator's machine. The source position, the innermost frame, is kept.
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


def _remote(
    name: str, step: Step, context: DeploymentContext, reason: Reason | None, options: pulumi.ResourceOptions
) -> command.remote.Command:
    """Register a script on a host; with a secret input, all of standard input is secret."""
    text = launcher(step.name)
    resource = command.remote.Command(
        name,
        connection=context.endpoints[step.node.key].arguments(),
        create=text,
        # Set from the beginning, so that a later reason changes no other step.
        update=f"{text}   # {reason.text}" if reason else text,
        delete=launcher(DECOMMISSION) if options.deleted_with is None else None,
        stdin=_stdin(step, {variable: context.secrets[secret] for variable, secret in step.secrets.items()}),
        logging=command.remote.Logging.NONE,
        add_previous_output_in_env=False,
        opts=pulumi.ResourceOptions.merge(options, _of_step(step)),
    )
    if not (step.lost or pulumi.runtime.is_dry_run()):
        pulumi.Output.all(resource.stdout, resource.urn).apply(lambda values: _require_run(step, *values))
    return resource


def _require_run(step: Step, stdout: str, urn: str) -> None:
    """End the program if an answer is not that of the step: a login that only greets ends with status 0, too.

    The engine has the resource in its state then; the next update runs the step again because it has no receipt.
    """
    lines = stdout.splitlines()
    if f"step: {step.name} {digest(step.inputs)}" in lines and lines[-1] == f"end: {step.name}":
        return
    pulumi.log.error(
        f"{step.node.label}: step {step.name}: the host answered, but did not run the step; check what the login shell"
        " of the ssh user and sudo bash -s do there, then run pulumi up again; with facts: off, run"
        f" pulumi up --replace '{urn}'"
    )
    os._exit(SHOWN)


def _of_step(step: Step) -> pulumi.ResourceOptions:
    """Return the options of a script alone; a lost host's resource is only removed from the state."""
    if step.lost:
        return pulumi.ResourceOptions(retain_on_delete=True, protect=False, ignore_changes=INPUTS)
    outputs = ["stdout", "stderr"] if step.secrets else None
    return pulumi.ResourceOptions(protect=step.protected or None, additional_secret_outputs=outputs)


def _stdin(step: Step, secrets: Mapping[str, pulumi.Output[str]]) -> pulumi.Input[str]:
    if not secrets:
        return render(step, {})
    values = pulumi.Output.all(**secrets).apply(lambda values: render(step, values))
    return pulumi.Output.secret(values)


def _local(
    name: str,
    transfer: FileTransfer,
    endpoints: Mapping[str, Endpoint],
    reason: Reason | None,
    options: pulumi.ResourceOptions,
) -> command.local.Command:
    """Register a transfer, the only command that runs on the operator's machine; its ssh uses the operator's agent.

    No setting of the operator's machine is an input, and its command never contains text from a host: hosts and their
    pinned keys come from `endpoints`.
    """
    text = f"bash -s -- {transfer.name}"
    source, target = endpoints[transfer.source.key], endpoints[transfer.node.key]
    bastion = target.bastion.words() if target.bastion else ()
    return command.local.Command(
        name,
        create=text,
        update=f"{text}   # again {reason.token}" if reason else text,
        stdin=render_transfer(transfer, source=source.words(), target=target.words(), bastion=bastion),
        logging=command.local.Logging.NONE,
        add_previous_output_in_env=False,
        opts=options,
    )


def _copy(
    name: str, copy: FileCopy, context: DeploymentContext, reason: Reason | None, options: pulumi.ResourceOptions
) -> command.remote.CopyToRemote:
    """Register a copy.

    The plugin copies again if content or path changes. So a file that is needed again gets a new name, which is
    harmless because the installation finds the file by its digest.
    """
    path = copy.target
    if reason:
        path = str(PurePosixPath(path).with_name(f"{reason.stamp}-{PurePosixPath(path).name}"))
    return command.remote.CopyToRemote(
        name,
        connection=context.endpoints[copy.node.key].arguments(),
        source=pulumi.FileAsset(os.path.relpath(context.project_dir.resolve() / copy.source)),
        remote_path=path,
        opts=options,
    )

"""The Step: the one wrapper of `remote.Command`, the relay's of `local.Command`, the copy's; nothing else makes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import pulumi
import pulumi_command as command

from components.steps.connection import Endpoint
from components.steps.plan import Action, Copy, Relay
from components.steps.reason import Reason
from components.steps.script import launcher, render, render_relay

LEAVE = "leave"
# All that an anchor is made of: of a lost host's nothing may change, for a change would dial it.
INPUTS = ["connection", "create", "update", "delete", "stdin", "logging", "addPreviousOutputInEnv"]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where a resource stands: its parent, what it waits for, its host's anchor, error hook, and drift.

    The anchor is None for itself: it is the only step with a delete, and all others go with it. `reason` says why the
    step must run again; without one its `update` stays what it was, whatever it says.
    """

    parent: pulumi.Resource
    depends_on: Sequence[pulumi.Resource]
    anchor: pulumi.Resource | None
    hook: pulumi.ErrorHook
    reason: Reason | None

    def options(self, sticky: str, secret_outputs: list[str] | None = None) -> pulumi.ResourceOptions:
        """Return the resource's options; `sticky` is the property that changes for a reason alone."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            depends_on=list(self.depends_on),
            deleted_with=self.anchor,
            ignore_changes=None if self.reason else [sticky],
            hooks=pulumi.ResourceHookBinding(on_error=[self.hook]),
            additional_secret_outputs=secret_outputs,
        )

    def update(self, text: str) -> str:
        """Return what an update runs: the same as a creation, with the reason as a remark."""
        return f"{text}   # {self.reason.text}" if self.reason else text

    def update_here(self, text: str) -> str:
        """Return what an update runs beside the operator: nothing in it is a host's word, not even a safe one."""
        return f"{text}   # again {self.reason.token}" if self.reason else text


def register(
    action: Action, endpoint: Endpoint, surroundings: Surroundings, *, secrets: Mapping[str, pulumi.Input[str]]
) -> command.remote.Command:
    """Register one step.

    `secrets` are the values of the action's secret inputs by variable; with any, all of standard input is secret.
    """
    text = launcher(action.step)
    return command.remote.Command(
        action.name,
        connection=endpoint.arguments(),
        create=text,
        # Set from birth, so that a reason for drift can be told later without touching any other step.
        update=surroundings.update(text),
        delete=launcher(LEAVE) if surroundings.anchor is None else None,
        stdin=_stdin(action, secrets),
        logging=command.remote.Logging.NONE,
        add_previous_output_in_env=False,
        opts=_kept(action, surroundings.options("update", ["stdout", "stderr"] if secrets else None)),
    )


def _kept(action: Action, options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return a step's options with what the engine may do to its resource: a lost host's is only forgotten."""
    if action.lost:
        lost = pulumi.ResourceOptions(retain_on_delete=True, protect=False, ignore_changes=INPUTS)
        return pulumi.ResourceOptions.merge(options, lost)
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(protect=action.protected or None))


def register_relay(
    relay: Relay, endpoints: Mapping[str, Endpoint], surroundings: Surroundings
) -> command.local.Command:
    """Register one relay: the only command that runs beside the operator, whose agent its ssh uses.

    Nothing of the operator's machine is an input: hosts and their pinned keys come from `endpoints`.
    """
    text = f"bash -s -- {relay.step}"
    if surroundings.reason:
        pulumi.log.info(f"{relay.name} runs again: {surroundings.reason.text}")
    source, target = endpoints[relay.source.key], endpoints[relay.node.key]
    bastion = target.bastion.words() if target.bastion else ()
    stdin = render_relay(relay, source=source.words(), target=target.words(), bastion=bastion)
    return command.local.Command(
        relay.name,
        create=text,
        update=surroundings.update_here(text),
        stdin=stdin,
        logging=command.local.Logging.NONE,
        add_previous_output_in_env=False,
        opts=surroundings.options("update"),
    )


def register_copy(copy: Copy, endpoint: Endpoint, surroundings: Surroundings) -> command.remote.CopyToRemote:
    """Register one copy.

    The plugin copies again when content or path changes; so a file that is needed again gets another name, which does
    not matter, because what is installed from is found by its digest.
    """
    path = copy.target
    if surroundings.reason:
        path = str(PurePosixPath(path).with_name(f"{surroundings.reason.stamp}-{PurePosixPath(path).name}"))
    return command.remote.CopyToRemote(
        copy.name,
        connection=endpoint.arguments(),
        source=pulumi.FileAsset(copy.source),
        remote_path=path,
        opts=surroundings.options("remotePath"),
    )


def _stdin(action: Action, secrets: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    if not secrets:
        return render(action, {})
    values = pulumi.Output.all(**secrets).apply(lambda known: render(action, known))
    return pulumi.Output.secret(values)

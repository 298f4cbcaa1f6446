"""The Step: the one wrapper of `remote.Command`, and the relay, of `local.Command`; nothing else makes one."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_command as command

from components.host.connection import Endpoint
from components.host.script import launcher, render, render_relay
from components.topology.plan import Action, Relay

ANCHOR = "anchor"
LEAVE = "leave"


def register(  # noqa: PLR0913 - what a resource is made of
    action: Action,
    endpoint: Endpoint,
    *,
    secrets: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource],
    anchor: pulumi.Resource | None,
    hook: pulumi.ErrorHook,
) -> command.remote.Command:
    """Register one step.

    `secrets` are the values of the action's secret inputs by variable; with any, all of standard input is secret.
    The host's anchor (`anchor` is None for itself) is the only step with a delete; all others go with it.
    `hook` explains connection errors.
    """
    text = launcher(action.step)
    return command.remote.Command(
        action.name,
        connection=endpoint.arguments(),
        create=text,
        # Set from birth, so that a reason for drift can be told later without touching any other step.
        update=text,
        delete=launcher(LEAVE) if anchor is None else None,
        stdin=_stdin(action, secrets),
        logging=command.remote.Logging.NONE,
        add_previous_output_in_env=False,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(depends_on),
            deleted_with=anchor,
            ignore_changes=["update"],
            hooks=pulumi.ResourceHookBinding(on_error=[hook]),
            additional_secret_outputs=["stdout", "stderr"] if secrets else None,
        ),
    )


def register_relay(  # noqa: PLR0913 - what a resource is made of
    relay: Relay,
    endpoints: Mapping[str, Endpoint],
    *,
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource],
    anchor: pulumi.Resource | None,
    hook: pulumi.ErrorHook,
) -> command.local.Command:
    """Register one relay: the only command that runs beside the operator, whose agent its ssh uses.

    Nothing of the operator's machine is an input: hosts and their pinned keys come from `endpoints`.
    """
    text = f"bash -s -- {relay.step}"
    stdin = render_relay(relay, source=endpoints[relay.source.key].words(), target=endpoints[relay.node.key].words())
    return command.local.Command(
        relay.name,
        create=text,
        update=text,
        stdin=stdin,
        logging=command.local.Logging.NONE,
        add_previous_output_in_env=False,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(depends_on),
            deleted_with=anchor,
            ignore_changes=["update"],
            hooks=pulumi.ResourceHookBinding(on_error=[hook]),
        ),
    )


def _stdin(action: Action, secrets: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    if not secrets:
        return render(action, {})
    values = pulumi.Output.all(**secrets).apply(lambda known: render(action, known))
    return pulumi.Output.secret(values)

"""What an operator is told when a connection fails: the engine's own text names neither host nor remedy."""

from collections.abc import Callable
from functools import partial

import pulumi

from components.steps.connection import Endpoint

# Parts of what ssh, sudo and the engine say, with what is wrong and what to do; the first that fits counts.
REMEDIES = (
    (
        "host key mismatch",
        "another host key answers than the one in known_hosts",
        "if the host was installed anew, put its new key there; if not, someone may be in between",
    ),
    (
        "attempted methods [none]",
        "no key was offered",
        "start an ssh-agent in this shell and add your key: eval $(ssh-agent); ssh-add",
    ),
    ("unable to authenticate", "it does not accept the agent's keys for {user}", "check ssh.user, and ssh-add -l"),
    ("dial unix", "the ssh-agent does not answer", "start one and add your key: eval $(ssh-agent); ssh-add"),
    ("connection refused", "nothing listens there", "check that the host is up and sshd runs, and ssh.port"),
    ("i/o timeout", "it does not answer", "check that the host is up and can be reached from here"),
    ("no route to host", "it cannot be reached", "check that the host is up and can be reached from here"),
    ("no such host", "its name does not resolve here", "correct fqdn or set ssh.address"),
    ("a password is required", "sudo asks {user} for a password", "allow {user} sudo without one (NOPASSWD)"),
    (
        "without exit status",
        "the connection broke; the step goes on there until its time limit",
        "see that the host is up, then run pulumi up again",
    ),
)


def explain(error: str, *, host: str, endpoint: Endpoint, lost: bool = False) -> str | None:
    """Return one line for an error, or None for one that the step on the host has explained itself.

    A lost host is dialled only when the stack's state has forgotten it already.
    """
    if lost:
        return f"{host}: is declared lost, and the stack's state has nothing of it any more; take it out of the stack"
    if f"{host}: step " in error:
        return None
    for part, what, remedy in REMEDIES:
        if part in error:
            return f"{host}: {endpoint.where}: {what}; {remedy}".format(user=endpoint.user)
    return None


def hook(host: str, endpoint: Endpoint, *, lost: bool = False) -> pulumi.ErrorHook:
    """Return the hook that tells the explanation beside the engine's own error; it never tries anything again."""
    told = partial(explain, host=host, endpoint=endpoint, lost=lost)
    return pulumi.ErrorHook(f"explain {host}", partial(_tell, told))


def _tell(explained: Callable[[str], str | None], args: pulumi.ErrorHookArgs) -> bool:
    line = explained(args.errors[0]) if args.errors else None
    if line:
        pulumi.log.error(line)
    return False

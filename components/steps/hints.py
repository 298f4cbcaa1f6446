"""Hints for failed connections: the engine's own text names neither host nor remedy."""

from collections.abc import Callable
from functools import partial

import pulumi

from components.steps.connection import Endpoint

# Parts of messages of ssh, sudo and the engine, with what is wrong and what to do; the first match counts.
REMEDIES = (
    (
        "host key mismatch",
        "host key mismatch: the host shows another key than the one in known_hosts",
        "if it was reinstalled, replace its key in known_hosts; if not, suspect a man-in-the-middle attack",
    ),
    (
        "attempted methods [none]",
        "no key was offered",
        "start an ssh-agent in this shell and add your key: eval $(ssh-agent); ssh-add",
    ),
    ("unable to authenticate", "the host rejects the agent's keys for {user}", "check ssh.user, and ssh-add -l"),
    ("dial unix", "the ssh-agent does not answer", "start one and add your key: eval $(ssh-agent); ssh-add"),
    ("connection refused", "nothing listens there", "check that the host is up and sshd runs, and ssh.port"),
    ("i/o timeout", "it does not answer", "check that the host is up and can be reached from here"),
    ("no route to host", "it cannot be reached", "check that the host is up and can be reached from here"),
    ("no such host", "its name does not resolve here", "correct fqdn or set ssh.address"),
    ("a password is required", "sudo asks {user} for a password", "allow {user} sudo without one (NOPASSWD)"),
    (
        "must have a tty",
        "sudo requires a terminal for {user}",
        "allow {user} sudo without one: Defaults:{user} !requiretty",
    ),
    (
        "receiving version packet",
        "the login shell of {user} prints text where SFTP begins",
        "stop its start files (.bashrc) from printing without a terminal, or set Subsystem sftp internal-sftp",
    ),
    (
        "subsystem request failed",
        "sshd has no SFTP, which copies the RPM",
        "enable Subsystem sftp in sshd_config, or provide the RPM by release.rpm.url or a repository",
    ),
    (
        "without exit status",
        "the connection broke; the step continues there until its time limit",
        "check that the host is up, then run pulumi up again",
    ),
)


def hint(error: str, *, host: str, endpoint: Endpoint, lost: bool = False) -> str | None:
    """Return one line for an error, or None for one that the step on the host has reported itself.

    A lost host is dialled only when the stack's state has forgotten it.
    """
    if lost:
        return f"{host}: is declared lost and missing from the stack's state; remove it from the stack file"
    if f"{host}: step " in error:
        return None
    for part, what, remedy in REMEDIES:
        if part in error:
            return f"{host}: {endpoint.where}: {what}; {remedy}".format(user=endpoint.user)
    return None


def hint_hook(cluster: str, host: str, endpoint: Endpoint, *, lost: bool = False) -> pulumi.ErrorHook:
    """Return the hook that reports a hint next to the engine's own error; it never retries.

    Hooks are known by name in the whole program, so each has the cluster's and the host's.
    """
    hint_for = partial(hint, host=host, endpoint=endpoint, lost=lost)
    return pulumi.ErrorHook(f"{cluster}: {host}", partial(_report, hint_for))


def _report(hint_for: Callable[[str], str | None], args: pulumi.ErrorHookArgs) -> bool:
    line = hint_for(args.errors[0]) if args.errors else None
    if line:
        pulumi.log.error(line)
    return False

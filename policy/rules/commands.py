"""Rule commands: every command and copy goes to a pinned host, as a known user, and runs the launcher with a limit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policy.rules.seen import UNKNOWN, Finding, Given, Judgement, Resource, Unseen
from policy.rules.tokens import COPY, LAUNCHERS

STEP = r"[a-z0-9-]+( +# [^\n]*)?"
LIMIT = re.compile(r"\bstep_limit='?(\d+)")
TEXTS = ("create", "update", "delete")
PINNED = ("ssh-ed25519 ", "ecdsa-sha2-")


def judge(resource: Resource, given: Given) -> Iterator[Judgement]:
    """Yield what is wrong with one command or copy; no message ever shows what it is given."""
    connection = resource.get("connection")
    if connection is UNKNOWN:
        yield Unseen(resource.name, "connection")
    elif isinstance(connection, Mapping):
        yield from _connection(resource.name, connection, given)
        if isinstance(proxy := connection.get("proxy"), Mapping):
            yield from _connection(f"{resource.name} (bastion)", proxy, given)
    for key, why in (("triggers", "they replace, and create before they delete"), ("environment", "sshd drops it")):
        if resource.get(key):
            yield Finding(resource.name, f"has {key}: {why}", "take it away; inputs travel on standard input")
    if resource.type != COPY:
        yield from _texts(resource)
        yield from _run(resource, given)


def _connection(where: str, connection: Mapping[str, Any], given: Given) -> Iterator[Judgement]:
    unknown = [key for key, value in connection.items() if value is UNKNOWN]
    yield from (Unseen(where, f"connection.{key}") for key in unknown)
    if "hostKey" not in unknown and not str(connection.get("hostKey") or "").startswith(PINNED):
        yield Finding(where, "does not pin its host's ed25519 or ecdsa key", "set connection.host_key from known_hosts")
    if connection.get("password"):
        yield Finding(where, "logs in with a password", "use the ssh-agent, or a private key")
    users, user = given.limits["users"], connection.get("user")
    if "user" not in unknown and (not user or (users and user not in users)):
        known = f"one of {', '.join(users)}" if users else "the one that the stack declares"
        yield Finding(where, f"logs in as {user or 'the default user'}", f"set connection.user to {known}")
    for key in ("dialErrorLimit", "perDialTimeout"):
        if key not in unknown and not _positive(connection.get(key)):
            yield Finding(where, f"may dial without end: it has no {key}", "set it to a few tries of a few seconds")


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _texts(resource: Resource) -> Iterator[Judgement]:
    for key in TEXTS:
        text = resource.get(key)
        if text is UNKNOWN:
            yield Unseen(resource.name, key)
        elif text is not None and not re.fullmatch(re.escape(LAUNCHERS[resource.type]) + STEP, str(text)):
            wanted = f"{LAUNCHERS[resource.type]}STEP"
            yield Finding(resource.name, f"{key} is not the launcher", f"write {wanted}; its script travels on stdin")


def _run(resource: Resource, given: Given) -> Iterator[Judgement]:
    if (logging := resource.get("logging")) is UNKNOWN:
        yield Unseen(resource.name, "logging")
    elif logging != "none":
        yield Finding(resource.name, "logs what it prints, which may hang and may show secrets", "set logging to none")
    stdin, most = resource.get("stdin"), int(given.limits["seconds"])
    if stdin is UNKNOWN:
        yield Unseen(resource.name, "stdin")
        return
    limits = [int(limit) for limit in LIMIT.findall(str(stdin or ""))]
    if not limits or not all(0 < limit <= most for limit in limits):
        what = f"may run for {max(limits)} s, at most {most} are wanted" if limits else "has no time limit"
        yield Finding(resource.name, what, "give the step a limit; the engine cannot stop a command")

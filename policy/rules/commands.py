"""Rule commands: commands and copies go to hosts with pinned keys as a declared user, with launcher and time limit."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from policy.rules.model import UNKNOWN, Finding, NotEvaluated, Resource, Result, RuleContext
from policy.rules.tokens import BASTION, COMMENTS, COPY, ENDS, LAUNCHERS, TRANSFER

STEP = r"[a-z0-9-]+"
LIMIT = re.compile(r"\bstep_limit='?([0-9]+)")
TEXTS = ("create", "update", "delete")
PINNED = ("ssh-ed25519 ", "ecdsa-sha2-")
# Properties that a local command must not have, and why.
LOCAL = {
    "interpreter": "it runs another program than the shell",
    "dir": "it runs in a directory of this machine",
    "assetPaths": "it copies files of this machine to the state",
    "archivePaths": "it copies files of this machine to the state",
}
# One assignment in the form of shlex.quote: a word, or an array of words.
WORD = r"(?:[A-Za-z0-9@%+=:,./_-]|'[^']*'|\"'\")++"
ASSIGNMENT = re.compile(rf"([a-z][a-z0-9_]*)=(?:\(((?:{WORD}(?: {WORD})*+)?)\)|{WORD})\n")
REASSIGNED = re.compile(rf"(?<![\w-])(?:{'|'.join((*ENDS, BASTION))})(?:\[[^\]\n]*\])?\+?=")
# Address, port, user and host key of one end.
ENDPOINT = (
    r"[A-Za-z0-9_:][A-Za-z0-9._:-]*",
    r"[0-9]{1,5}",
    r"[A-Za-z0-9_][A-Za-z0-9._-]*",
    r"(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+={0,2}",
)


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Result]:
    """Yield the problems with one command or copy; no message shows its inputs."""
    connection = resource.get("connection")
    if connection is UNKNOWN:
        yield NotEvaluated(resource.name, "connection")
    elif isinstance(connection, Mapping):
        yield from _connection(resource.name, connection, context)
        if isinstance(proxy := connection.get("proxy"), Mapping):
            yield from _connection(f"{resource.name} (bastion)", proxy, context)
    elif resource.type != TRANSFER:
        yield Finding(resource.name, "has no connection", "set connection with a pinned host key and a user")
    for key, why in (("triggers", "they replace the resource"), ("environment", "sshd ignores it")):
        if resource.get(key):
            yield Finding(resource.name, f"has {key}: {why}", "remove it and send inputs on standard input")
    if resource.type == TRANSFER:
        yield from _local(resource)
    if resource.type != COPY:
        yield from _texts(resource)
        yield from _run(resource, context)


def _connection(where: str, connection: Mapping[str, Any], context: RuleContext) -> Iterator[Result]:
    unknown = [key for key, value in connection.items() if value is UNKNOWN]
    yield from (NotEvaluated(where, f"connection.{key}") for key in unknown)
    if "hostKey" not in unknown and not str(connection.get("hostKey") or "").startswith(PINNED):
        yield Finding(where, "does not pin its host's ed25519 or ecdsa key", "set connection.host_key from known_hosts")
    if connection.get("password"):
        yield Finding(where, "logs in with a password", "use the ssh-agent, or a private key")
    users, user = context.limits["users"], connection.get("user")
    if "user" not in unknown and (not user or (users and user not in users)):
        allowed = f"one of {', '.join(users)}" if users else "the declared user of the stack"
        yield Finding(where, f"logs in as {user or 'the default user'}", f"set connection.user to {allowed}")
    for key in ("dialErrorLimit", "perDialTimeout"):
        if key not in unknown and not _positive(connection.get(key)):
            yield Finding(where, f"lacks {key}, so it may dial forever", "set it to a few tries of a few seconds")


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _local(resource: Resource) -> Iterator[Result]:
    for key, why in LOCAL.items():
        if resource.get(key) is not None:
            yield Finding(resource.name, f"has {key}: {why}", "remove it and send inputs on standard input")


def _texts(resource: Resource) -> Iterator[Result]:
    launcher, comment = LAUNCHERS[resource.type], COMMENTS[resource.type]
    for key in TEXTS:
        text = resource.get(key)
        if text is UNKNOWN:
            yield NotEvaluated(resource.name, key)
        elif text is not None and not re.fullmatch(f"{re.escape(launcher)}{STEP}(?:{comment})?", str(text)):
            what = f"{key} is not the launcher"
            yield Finding(resource.name, what, f"write {launcher}STEP and send the script on standard input")


def _run(resource: Resource, context: RuleContext) -> Iterator[Result]:
    if (logging := resource.get("logging")) is UNKNOWN:
        yield NotEvaluated(resource.name, "logging")
    elif logging != "none":
        yield Finding(resource.name, "logs its output, which may hang and may show secrets", "set logging to none")
    stdin, most = resource.get("stdin"), int(context.limits["seconds"])
    if stdin is UNKNOWN:
        yield NotEvaluated(resource.name, "stdin")
        return
    limits = [int(limit) for limit in LIMIT.findall(str(stdin or ""))]
    if not limits or not all(0 < limit <= most for limit in limits):
        what = f"may run for {max(limits)} s, but at most {most} s are allowed" if limits else "has no time limit"
        yield Finding(resource.name, what, "set a time limit in the step, because the engine cannot stop a command")
    if resource.type == TRANSFER:
        yield from _ends(resource.name, str(stdin or ""))


def _ends(where: str, stdin: str) -> Iterator[Result]:
    """Yield each end of a transfer whose key standard input does not pin."""
    arrays, rest = _arrays(stdin)
    remedy = "write {0}=(ADDRESS PORT USER 'KEY') once, in the first lines of stdin, with the key from known_hosts"
    for name in (*ENDS, BASTION):
        values = arrays.get(name, [])
        empty = name == BASTION and values == [[]]
        if len(values) != 1 or not (empty or _pinned(values[0])):
            yield Finding(where, f"does not pin the ed25519 or ecdsa key of its {name}", remedy.format(name))
    if REASSIGNED.search(rest):
        what = f"sets {', '.join(ENDS)} or {BASTION} in its script"
        yield Finding(where, what, "set each once, in the first lines of stdin")


def _arrays(stdin: str) -> tuple[dict[str, list[list[str]]], str]:
    """Return the arrays in the assignments at the beginning of standard input, by name, and the rest.

    Quoted text may contain lines that look like assignments, so it is parsed from the start and not searched.
    """
    arrays: dict[str, list[list[str]]] = {}
    end = 0
    while match := ASSIGNMENT.match(stdin, end):
        end = match.end()
        words = shlex.split(match[2]) if match[2] is not None else [match[0]]
        arrays.setdefault(match[1], []).append(words)
    return arrays, stdin[end:]


def _pinned(words: list[str]) -> bool:
    """Return whether an array is an end with a pinned key, without characters that end a line of ssh's files."""
    return len(words) == len(ENDPOINT) and all(map(re.fullmatch, ENDPOINT, words))

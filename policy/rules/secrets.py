"""Rule secrets: no secret in a plain property. No message shows a value, only where it stands."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from policy.rules.model import UNKNOWN, Finding, NotEvaluated, Resource, Result, RuleContext, Secret
from policy.rules.tokens import COMMAND, SECRET_INPUTS, TRANSFER

WRAP = "wrap it in pulumi.Output.secret and rotate the exposed value"
PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# What looks random and is public: certificates, public keys, fingerprints.
PUBLIC = re.compile(
    r"-----BEGIN ([A-Z ]*(?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY))-----.*?-----END \1-----"
    r"|\b(?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+) [A-Za-z0-9+/=]+"
    r"|\bSHA256:[A-Za-z0-9+/=]+",
    re.DOTALL,
)
KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
OUTPUTS = {"stdout", "stderr"}


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Result]:
    """Yield each property in clear that is a secret or looks like one."""
    if not resource.marked:
        what = "which of its properties are secret cannot be seen"
        yield Finding(resource.name, what, "leave the level of secret-marks as it is")
        return
    for path, value in _plain("", {"name": resource.name, **resource.properties}):
        yield from _judge(resource.name, path, value, context)
    hidden = isinstance(resource.properties.get("stdin"), Secret)
    if hidden and resource.type in {COMMAND, TRANSFER} and not set(resource.secret_outputs) >= OUTPUTS:
        what = "is given a secret, but what it prints is kept in clear"
        yield Finding(resource.name, what, "add stdout and stderr to additional_secret_outputs")


def _plain(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any property
    """Yield each single value with its path, what is marked secret left out."""
    match value:
        case Secret():
            return
        case dict():
            for key, inner in value.items():
                yield from _plain(f"{path}.{key}" if path else str(key), inner)
        case list():
            for n, inner in enumerate(value):
                yield from _plain(f"{path}[{n}]", inner)
        case _:
            yield path, value


def _judge(where: str, path: str, value: object, context: RuleContext) -> Iterator[Result]:
    if value is UNKNOWN:
        yield NotEvaluated(where, path)
    elif isinstance(value, str) and value:
        if path.rpartition(".")[2] in SECRET_INPUTS:
            yield Finding(where, f"{path} is a secret in plain text", WRAP)
        elif PRIVATE.search(value):
            yield Finding(where, f"{path} holds a private key in clear", WRAP)
        elif _random(value, context):
            yield Finding(where, f"{path} holds what looks like a secret, in clear", WRAP)


def _random(text: str, context: RuleContext) -> bool:
    """Say whether a text has a word as long and as mixed as generated passwords, tokens and keys are."""
    words = re.compile(rf"[A-Za-z0-9+/_=-]{{{int(context.limits['length'])},}}").finditer(PUBLIC.sub(" ", text))
    return any(_mixed(word[0]) and _entropy(word[0]) >= context.limits["entropy"] for word in words)


def _mixed(word: str) -> bool:
    return all(kind.search(word) for kind in KINDS)


def _entropy(word: str) -> float:
    """Return the bits of a character, by how often each character occurs in the word."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())

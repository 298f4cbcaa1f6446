"""Rule secrets: no property contains a secret in plain text. Messages show the place and never the value."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from policy.rules.model import UNKNOWN, Finding, NotEvaluated, Resource, Result, RuleContext, Secret
from policy.rules.tokens import COMMAND, SECRET_INPUTS, TRANSFER

WRAP = "wrap it in pulumi.Output.secret and rotate the exposed value"
PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# Public values that look random: certificates, public keys, fingerprints.
PUBLIC = re.compile(
    r"-----BEGIN ([A-Z ]*(?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY))-----.*?-----END \1-----"
    r"|\b(?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+) [A-Za-z0-9+/=]+"
    r"|\bSHA256:[A-Za-z0-9+/=]+",
    re.DOTALL,
)
KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
OUTPUTS = {"stdout", "stderr"}


def evaluate(resource: Resource, context: RuleContext) -> Iterator[Result]:
    """Yield each property in plain text that is a secret or looks like one."""
    if not resource.marked:
        what = "the secret marks of its properties are not available"
        yield Finding(resource.name, what, "keep the level of the policy secret-marks")
        return
    for path, value in _plain("", {"name": resource.name, **resource.properties}):
        yield from _check(resource.name, path, value, context)
    secret = isinstance(resource.properties.get("stdin"), Secret)
    if secret and resource.type in {COMMAND, TRANSFER} and not set(resource.secret_outputs) >= OUTPUTS:
        what = "has a secret input, but its output is stored in plain text"
        yield Finding(resource.name, what, "add stdout and stderr to additional_secret_outputs")


def _plain(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any property
    """Yield each single value with its path, except values that are marked secret."""
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


def _check(where: str, path: str, value: object, context: RuleContext) -> Iterator[Result]:
    if value is UNKNOWN:
        yield NotEvaluated(where, path)
    elif isinstance(value, str) and value:
        if path.rpartition(".")[2] in SECRET_INPUTS:
            yield Finding(where, f"{path} is a secret in plain text", WRAP)
        elif PRIVATE.search(value):
            yield Finding(where, f"{path} contains a private key in plain text", WRAP)
        elif _random(value, context):
            yield Finding(where, f"{path} contains a value in plain text that looks like a secret", WRAP)


def _random(text: str, context: RuleContext) -> bool:
    """Return whether a text has a word that is long and mixed like generated passwords, tokens and keys."""
    words = re.compile(rf"[A-Za-z0-9+/_=-]{{{int(context.limits['length'])},}}").finditer(PUBLIC.sub(" ", text))
    return any(_mixed(word[0]) and _entropy(word[0]) >= context.limits["entropy"] for word in words)


def _mixed(word: str) -> bool:
    return all(kind.search(word) for kind in KINDS)


def _entropy(word: str) -> float:
    """Return the entropy per character in bits, from the frequencies of characters in the word."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())

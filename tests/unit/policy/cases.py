"""Good resources that each rule accepts, and how a test makes a bad one of them."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from components.plan import plan
from components.policy_view import policy_view
from components.steps.script import assignment, launcher
from policy.rules.index import BY_NAME, ResourceRule, StackRule
from policy.rules.model import Finding, NotEvaluated, Resource, RuleContext
from policy.rules.tokens import CLUSTER, COMMAND, TRANSFER
from tests.unit.config.cases import changed
from tests.unit.conftest import spec_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5Q0r8t1XkqvYb7cS2nL4mWfH6dEaUoGzRpNiKxTjBw"
CONNECTION = {
    "host": "h1.lab.internal", "user": "centos", "port": 22.0, "hostKey": KEY,
    "dialErrorLimit": 3.0, "perDialTimeout": 5.0,
}  # fmt: skip
STEP = {
    "create": launcher("host"),
    "update": launcher("host"),
    "stdin": "step_host='infra (h1.lab.internal)'\nstep_limit=300\n",
    "logging": "none",
    "connection": CONNECTION,
}
END = ("h1.lab.internal", "22", "centos", KEY)
OTHER = ("2001:db8::2", "2222", "centos", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=")
CARRIED = {
    "create": "bash -s -- auth",
    "update": "bash -s -- auth",
    "logging": "none",
}


def topology(stack: str = "production", /, **change: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return a stack's topology with a change laid over; None takes a key away."""
    spec = spec_of(stack)
    return changed(copy.deepcopy({"name": "deephaven", **policy_view(spec, plan(spec, digest="a" * 64))}), change)


def deployment(stack: str = "production", /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return the root component of a stack whose topology is changed."""
    return Resource(type=CLUSTER, name="deephaven", properties={"topology": topology(stack, **change)})


def command(kind: str = COMMAND, /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return a step that all rules accept, with a change laid over."""
    return Resource(type=kind, name="infra-host", properties=changed(STEP, change))


def relay(stdin: str | None = None, /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return a relay that all rules accept, with a change laid over; its standard input may be another."""
    return Resource(
        type=TRANSFER, name="query-auth", properties=changed({**CARRIED, "stdin": stdin or carried()}, change)
    )


def carried(**arrays: tuple[str, ...] | None) -> str:
    """Return a relay's standard input with other arrays, or without those that are None."""
    context: dict[str, tuple[str, ...] | None] = {"source": END, "target": OTHER, "bastion": (), **arrays}
    lines = [assignment(name, words) for name, words in context.items() if words is not None]
    text = assignment("pack", 'step_limit=60\nsource=(x)\necho "it\'s packed"\n')
    return "\n".join(["step_host='query (h2.lab.internal)'", *lines, text, '# carries it\nrelay "$@"\n'])


def say(rule: str, *resources: Resource, now: datetime = NOW, **limits: object) -> list[str]:
    """Return all that a rule says of some resources, unknown values too."""
    told = judgements(rule, resources, now=now, limits=limits)
    return [str(one) if isinstance(one, Finding) else f"{one.where}: {one.path} is not known" for one in told]


def judgements(
    name: str, resources: Sequence[Resource], *, now: datetime = NOW, limits: Mapping[str, object]
) -> list[Finding | NotEvaluated]:
    """Return what a rule finds in some resources, each of which it is about."""
    rule = BY_NAME[name]
    context = RuleContext(limits={**rule.limits, **limits}, now=now)
    if isinstance(rule, StackRule):
        return list(rule.evaluate(resources, context))
    assert isinstance(rule, ResourceRule)
    assert all(not rule.of or one.type in rule.of for one in resources)
    told: list[Iterable[Finding | NotEvaluated]] = [rule.evaluate(one, context) for one in resources]
    return [one for each in told for one in each]

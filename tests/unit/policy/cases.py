"""Good resources that the rules accept, and functions that change them into bad ones."""

import copy
from collections.abc import Mapping, Sequence
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
TRANSFER_PROPERTIES = {
    "create": "bash -s -- auth",
    "update": "bash -s -- auth",
    "logging": "none",
}


def topology(stack: str = "production", /, **change: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return a stack's topology with a change merged in; None removes a key."""
    spec = spec_of(stack)
    return changed(copy.deepcopy({"name": "deephaven", **policy_view(spec, plan(spec, digest="a" * 64))}), change)


def deployment(stack: str = "production", /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return the root component of a stack with a change merged into its topology."""
    return Resource(type=CLUSTER, name="deephaven", properties={"topology": topology(stack, **change)})


def command(kind: str = COMMAND, /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return a step that all rules accept, with a change merged in."""
    return Resource(type=kind, name="infra-host", properties=changed(STEP, change))


def transfer(stdin: str | None = None, /, **change: Any) -> Resource:  # noqa: ANN401 - any value
    """Return a file transfer that all rules accept, with a change merged in and optionally other standard input."""
    return Resource(
        type=TRANSFER,
        name="query-auth",
        properties=changed({**TRANSFER_PROPERTIES, "stdin": stdin or stdin_with()}, change),
    )


def stdin_with(**arrays: tuple[str, ...] | None) -> str:
    """Return a transfer's standard input with changed arrays; None removes an array."""
    ends: dict[str, tuple[str, ...] | None] = {"source": END, "target": OTHER, "bastion": (), **arrays}
    lines = [assignment(name, words) for name, words in ends.items() if words is not None]
    text = assignment("export_script", 'step_limit=60\nsource=(x)\necho "it\'s exported"\n')
    return "\n".join(["step_host='query (h2.lab.internal)'", *lines, text, '# transfers it\ntransfer_file "$@"\n'])


def messages(rule: str, *resources: Resource, now: datetime = NOW, **limits: object) -> list[str]:
    """Return the results of a rule for some resources as lines."""
    return [str(result) for result in results(rule, resources, now=now, limits=limits)]


def results(
    name: str, resources: Sequence[Resource], *, now: datetime = NOW, limits: Mapping[str, object]
) -> list[Finding | NotEvaluated]:
    """Return the results of a rule for some resources of its types."""
    rule = BY_NAME[name]
    context = RuleContext(limits={**rule.limits, **limits}, now=now)
    if isinstance(rule, StackRule):
        return list(rule.evaluate(resources, context))
    assert isinstance(rule, ResourceRule)
    assert all(not rule.of or resource.type in rule.of for resource in resources)
    return [result for resource in resources for result in rule.evaluate(resource, context)]

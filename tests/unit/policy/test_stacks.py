"""Every shipped stack passes all that is mandatory in its environment; the pack and the program use the same names."""

from datetime import UTC, datetime
from functools import cache

import pulumi_command as command
import pulumi_tls as tls
import pytest
from pulumi_policy import deserialize

from components.cluster import Deployment
from components.steps import plan, script
from components.tls.load import admit
from components.tls.plan import Pair
from policy.rules import tokens
from policy.rules.catalogue import RULES, ResourceRule, StackRule
from policy.rules.properties import marked
from policy.rules.seen import Given, Judgement, Resource
from tests.support.certificates import NOW, authority, make
from tests.unit.conftest import PROJECT, raw_of, site_of
from tests.unit.recorder import Graph, States, plain, record
from tests.unit.tls.test_private_ca import WEB, Signed

STACKS = sorted(file.name.split(".")[1] for file in (PROJECT / "stacks").glob("Pulumi.*.yaml"))
GIVEN = {rule.name: Given(limits=rule.limits, now=datetime.now(UTC)) for rule in RULES}


@cache
def registered(stack: str) -> Graph:
    """Return what the program registers for a stack, with certificates of the kind that it has."""
    site = site_of(stack)
    match site.cluster.config.certificate.kind:
        case "provided":
            company = authority("Company CA")
            web = make("Web", company, names=["*.lab.internal"])
            return record(site, Pair(web.crt + company.crt, web.pem), graph=Graph(States()))
        case "private-ca":
            return record(site, admit(site.cluster, project=PROJECT, now=NOW), graph=Graph(Signed(WEB)))
        case _:
            return record(site, graph=Graph(States()))


def judged(stack: str) -> dict[str, list[Judgement]]:
    """Return what each rule says of all that a stack registers."""
    graph = registered(stack)
    inputs = [
        Resource(
            type=request.type,
            name=name,
            properties=marked(deserialize.deserialize_properties(plain(request.object), proxy_secrets=True)),
            protected=request.protect,
            secret_outputs=tuple(request.additionalSecretOutputs),
        )
        for name, request in graph.requests.items()
    ]
    outputs = [
        Resource(type=one.type, name=one.name, properties=graph.outputs.get(one.name, {}), protected=one.protected)
        for one in inputs
    ]
    said: dict[str, list[Judgement]] = {}
    for rule in RULES:
        match rule:
            case ResourceRule():
                about = [one for one in inputs if not rule.of or one.type in rule.of]
                assert about, f"{rule.name} is about nothing in {stack}"
                said[rule.name] = [said for one in about for said in rule.judge(one, GIVEN[rule.name])]
            case StackRule():
                said[rule.name] = list(rule.judge(outputs, GIVEN[rule.name]))
    return said


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_passes_what_is_mandatory(stack: str) -> None:
    env = raw_of(stack)["environment"]
    said = judged(stack)
    assert {rule.name: said[rule.name] for rule in RULES if rule.level(env) == "mandatory" and said[rule.name]} == {}


@pytest.mark.parametrize("stack", STACKS)
def test_what_a_shipped_stack_is_advised(stack: str) -> None:
    env = raw_of(stack)["environment"]
    advised = {rule.name for rule in RULES if rule.level(env) == "advisory"} & {
        k for k, v in judged(stack).items() if v
    }
    assert advised == {
        "production": {"servers", "relaxed"},
        "production-ha": {"relaxed"},
        "test": {"relaxed"},
        "test-mysql": {"relaxed"},
        "test-opensuse": {"shared-data"},
    }.get(stack, {"relaxed"})


def test_a_production_stack_with_the_vendors_certificate_is_stopped() -> None:
    assert judged("production")["certificate"] == []
    site = site_of("test")
    assert site.cluster.config.certificate.kind == "self-signed"
    topology = plain(record(site).requests["deephaven"].object)["topology"]
    one = Resource(
        type=tokens.DEPLOYMENT,
        name="deephaven",
        properties={"topology": {**topology, "environment": "production"}},
    )
    (rule,) = (rule for rule in RULES if rule.name == "certificate")
    assert isinstance(rule, ResourceRule)
    assert len(list(rule.judge(one, GIVEN["certificate"]))) == 2


def test_types_are_those_of_the_components() -> None:
    kinds = {request.type for request in registered("production").requests.values()}
    named = {value for key, value in vars(tokens).items() if key.isupper() and isinstance(value, str) and ":" in value}
    assert named <= kinds
    assert {kind for kind in kinds if kind.startswith(("command:", "tls:"))} <= named
    assert registered("production").requests["deephaven"].type == tokens.DEPLOYMENT
    assert Deployment.__name__ in tokens.DEPLOYMENT


def test_names_are_those_of_the_components() -> None:
    assert f"-{plan.ANCHOR}" == tokens.ANCHOR
    assert script.launcher("x") == f"{tokens.LAUNCHERS[tokens.COMMAND]}x"
    relays = registered("production").of(tokens.RELAY)
    assert {plain(relay.object)["create"].rpartition(" ")[0] for relay in relays.values()} == {
        tokens.LAUNCHERS[tokens.RELAY].strip()
    }
    assert tokens.TOPOLOGY in plain(registered("production").requests["deephaven"].object)


def test_secret_inputs_are_those_of_the_sdks() -> None:
    connection = set(command.remote.ConnectionArgs.__init__.__annotations__)
    signing = set(tls.LocallySignedCertArgs.__init__.__annotations__) | {"private_key_pem"}
    for name in tokens.SECRET_INPUTS:
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
        assert snake in connection | signing, name

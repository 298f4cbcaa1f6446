"""Every shipped stack passes all that is mandatory in its environment; the pack and the program use the same names."""

from datetime import UTC, datetime
from functools import cache

import pulumi_command as command
import pulumi_tls as tls
import pytest
from pulumi_policy import deserialize

from components.cluster import DeephavenCluster
from components.installation import Installation
from components.steps import script
from components.tls.load import load_certificate
from components.tls.plan import CertificateAndKey
from policy.rules import tokens
from policy.rules.index import RULES, ResourceRule, StackRule
from policy.rules.model import Resource, Result, RuleContext
from policy.rules.properties import marked
from tests.support.certificates import NOW, authority, make
from tests.unit.conftest import PROJECT, raw_of, spec_of
from tests.unit.recorder import Graph, States, plain, record, short
from tests.unit.tls.test_private_ca import WEB, Signed

STACKS = sorted(file.name.split(".")[1] for file in (PROJECT / "stacks").glob("Pulumi.*.yaml"))
CONTEXT = {rule.name: RuleContext(limits=rule.limits, now=datetime.now(UTC)) for rule in RULES}


@cache
def registered(stack: str) -> Graph:
    """Return what the program registers for a stack, with certificates of the kind that it has."""
    spec = spec_of(stack)
    match spec.cluster.config.certificate.kind:
        case "provided":
            company = authority("Company CA")
            web = make("Web", company, names=["*.lab.internal"])
            return record(spec, CertificateAndKey(web.crt + company.crt, web.pem), graph=Graph(States()))
        case "private-ca":
            return record(spec, load_certificate(spec.cluster, project=PROJECT, now=NOW), graph=Graph(Signed(WEB)))
        case _:
            return record(spec, graph=Graph(States()))


def judged(stack: str) -> dict[str, list[Result]]:
    """Return what each rule says of all that a stack registers."""
    graph = registered(stack)
    inputs = [
        Resource(
            type=request.type,
            name=request.name,
            properties=marked(deserialize.deserialize_properties(plain(request.object), proxy_secrets=True)),
            protected=request.protect,
            secret_outputs=tuple(request.additionalSecretOutputs),
        )
        for name, request in graph.requests.items()
    ]
    outputs = [
        Resource(
            type=one.type, name=one.name, properties=graph.outputs.get(short(one.name), {}), protected=one.protected
        )
        for one in inputs
    ]
    said: dict[str, list[Result]] = {}
    for rule in RULES:
        match rule:
            case ResourceRule():
                about = [one for one in inputs if not rule.of or one.type in rule.of]
                assert about, f"{rule.name} is about nothing in {stack}"
                said[rule.name] = [said for one in about for said in rule.evaluate(one, CONTEXT[rule.name])]
            case StackRule():
                said[rule.name] = list(rule.evaluate(outputs, CONTEXT[rule.name]))
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
        "production": {"servers", "waivers"},
        "production-ha": {"waivers"},
        "test": {"waivers"},
        "test-mysql": {"waivers"},
        "test-opensuse": {"shared-data"},
    }.get(stack, {"waivers"})


def test_a_production_stack_with_the_vendors_certificate_is_stopped() -> None:
    assert judged("production")["certificate"] == []
    spec = spec_of("test")
    assert spec.cluster.config.certificate.kind == "self-signed"
    topology = plain(record(spec).requests["deephaven"].object)["topology"]
    one = Resource(
        type=tokens.CLUSTER,
        name="deephaven",
        properties={"topology": {**topology, "environment": "production"}},
    )
    (rule,) = (rule for rule in RULES if rule.name == "certificate")
    assert isinstance(rule, ResourceRule)
    assert len(list(rule.evaluate(one, CONTEXT["certificate"]))) == 2


def test_types_are_those_of_the_components() -> None:
    kinds = {request.type for request in registered("production").requests.values()}
    named = {value for key, value in vars(tokens).items() if key.isupper() and isinstance(value, str) and ":" in value}
    assert named <= kinds
    assert {kind for kind in kinds if kind.startswith(("command:", "tls:"))} <= named
    assert registered("production").requests["deephaven"].type == tokens.CLUSTER
    assert DeephavenCluster.__name__ in tokens.CLUSTER


def test_names_are_those_of_the_components() -> None:
    assert f"-{Installation.HOST.step}" == tokens.HOST
    assert script.launcher("x") == f"{tokens.LAUNCHERS[tokens.COMMAND]}x"
    relays = registered("production").of(tokens.TRANSFER)
    assert {plain(relay.object)["create"].rpartition(" ")[0] for relay in relays.values()} == {
        tokens.LAUNCHERS[tokens.TRANSFER].strip()
    }
    assert tokens.TOPOLOGY in plain(registered("production").requests["deephaven"].object)


def test_secret_inputs_are_those_of_the_sdks() -> None:
    connection = set(command.remote.ConnectionArgs.__init__.__annotations__)
    signing = set(tls.LocallySignedCertArgs.__init__.__annotations__) | {"private_key_pem"}
    for name in tokens.SECRET_INPUTS:
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
        assert snake in connection | signing, name

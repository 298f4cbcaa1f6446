"""Each shipped stack passes the mandatory rules of its environment; the pack and the program use the same names."""

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
    """Return what the program registers for a stack, with certificates of its kind."""
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


def evaluated(stack: str) -> dict[str, list[Result]]:
    """Return the results of each rule for all resources of a stack."""
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
            type=resource.type,
            name=resource.name,
            properties=graph.outputs.get(short(resource.name), {}),
            protected=resource.protected,
        )
        for resource in inputs
    ]
    results: dict[str, list[Result]] = {}
    for rule in RULES:
        match rule:
            case ResourceRule():
                applicable = [resource for resource in inputs if not rule.of or resource.type in rule.of]
                assert applicable, f"{rule.name} applies to no resource of {stack}"
                context = CONTEXT[rule.name]
                results[rule.name] = [result for resource in applicable for result in rule.evaluate(resource, context)]
            case StackRule():
                results[rule.name] = list(rule.evaluate(outputs, CONTEXT[rule.name]))
    return results


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_passes_the_mandatory_rules(stack: str) -> None:
    env = raw_of(stack)["environment"]
    results = evaluated(stack)
    mandatory = [rule.name for rule in RULES if rule.level(env) == "mandatory"]
    assert {name: results[name] for name in mandatory if results[name]} == {}


@pytest.mark.parametrize("stack", STACKS)
def test_advisory_findings_of_a_shipped_stack(stack: str) -> None:
    env = raw_of(stack)["environment"]
    advised = {rule.name for rule in RULES if rule.level(env) == "advisory"} & {
        k for k, v in evaluated(stack).items() if v
    }
    assert advised == {
        "production": {"servers", "waivers"},
        "production-ha": {"waivers"},
        "test": {"waivers"},
        "test-mysql": {"waivers"},
        "test-opensuse": {"shared-data"},
    }.get(stack, {"waivers"})


def test_a_production_stack_with_the_vendors_certificate_fails() -> None:
    assert evaluated("production")["certificate"] == []
    spec = spec_of("test")
    assert spec.cluster.config.certificate.kind == "self-signed"
    topology = plain(record(spec).requests["deephaven"].object)["topology"]
    resource = Resource(
        type=tokens.CLUSTER,
        name="deephaven",
        properties={"topology": {**topology, "environment": "production"}},
    )
    (rule,) = (rule for rule in RULES if rule.name == "certificate")
    assert isinstance(rule, ResourceRule)
    assert len(list(rule.evaluate(resource, CONTEXT["certificate"]))) == 2


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
    transfers = registered("production").of(tokens.TRANSFER)
    assert {plain(transfer.object)["create"].rpartition(" ")[0] for transfer in transfers.values()} == {
        tokens.LAUNCHERS[tokens.TRANSFER].strip()
    }
    assert tokens.TOPOLOGY in plain(registered("production").requests["deephaven"].object)


def test_secret_inputs_are_those_of_the_sdks() -> None:
    connection = set(command.remote.ConnectionArgs.__init__.__annotations__)
    signing = set(tls.LocallySignedCertArgs.__init__.__annotations__) | {"private_key_pem"}
    for name in tokens.SECRET_INPUTS:
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
        assert snake in connection | signing, name

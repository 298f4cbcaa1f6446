"""The private CA as resources: their inputs, the installation, and that a bad result is never installed."""

import gc
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.sync_await import _ensure_event_loop

from components.release.spec import DeploymentSpec
from components.tls.load import load_certificate
from tests.support.certificates import NOW, SignedCertificate, authority, make
from tests.unit.conftest import PROJECT, make_spec
from tests.unit.recorder import Graph, States, is_secret, plain, record

CA = authority("Deephaven private CA")
WEB = make("Web", CA, names=["h1.lab.internal"])
SIGNED = "tls:index/locallySignedCert:LocallySignedCert"


class Signed(States):
    """Returns certificates as the authority would; the test provides the hosts' certificate."""

    def __init__(self, web: SignedCertificate) -> None:
        self._web = web

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Return a resource's state with the authority's results."""
        name, state = super().new_resource(args)
        issued = {"certPem": self._web.crt if args.typ == SIGNED else CA.crt, "certRequestPem": "request"}
        return name, {**state, **issued, "privateKeyPem": "a private key", "privateKeyPemPkcs8": self._web.pem}


@pytest.fixture
def private(raw: dict[str, Any]) -> DeploymentSpec:
    """Return the test stack with a private CA."""
    return make_spec({**raw, "certificate": {"kind": "private-ca", "organization": "Company", "renewal_days": 20}})


def run(spec: DeploymentSpec, web: SignedCertificate = WEB) -> Graph:
    return record(spec, load_certificate(spec.cluster, project=PROJECT, now=NOW), graph=Graph(Signed(web)))


def test_inputs_of_the_resources(private: DeploymentSpec) -> None:
    graph = run(private)
    inputs = {name: plain(request.object) for name, request in graph.requests.items() if name.startswith("private-ca-")}
    assert inputs["private-ca-request"]["dnsNames"] == ["h1.lab.internal"]
    assert inputs["private-ca-request"]["subject"] == {"organization": "Company", "commonName": "h1.lab.internal"}
    assert inputs["private-ca-hosts-key"] == {"algorithm": "ECDSA", "ecdsaCurve": "P256"}
    hosts, authority_ = inputs["private-ca-hosts-certificate"], inputs["private-ca-certificate"]
    assert hosts["allowedUses"] == ["digital_signature", "key_encipherment", "server_auth", "client_auth"]
    assert (hosts["validityPeriodHours"], hosts["earlyRenewalHours"]) == (365 * 24, 20 * 24)
    assert authority_["isCaCertificate"] is True
    # renewed while it still outlives each certificate that it signs
    assert authority_["earlyRenewalHours"] >= hosts["validityPeriodHours"] + hosts["earlyRenewalHours"]


def test_chain_and_key_are_secret_inputs_and_the_authority_is_an_output(private: DeploymentSpec) -> None:
    graph = run(private)
    stdin = plain(graph.requests["infra-certificate"].object)["stdin"]
    assert is_secret(stdin)
    text = stdin["value"]
    assert f"crt='{WEB.crt.strip()}\n{CA.crt.strip()}'\n" in text
    assert f"key='{WEB.pem.strip()}'\n" in text
    assert "secrets=(crt key)\n" in text
    assert graph.outputs["deephaven"]["ca_certificate"] == CA.crt
    assert WEB.pem.splitlines()[1] not in str(graph.outputs)


def test_it_is_a_child_component_of_the_cluster(private: DeploymentSpec) -> None:
    graph = run(private)
    children = [name for name, request in graph.requests.items() if request.parent.endswith("::deephaven-private-ca")]
    assert len(children) == 5
    assert graph.requests["private-ca"].parent.endswith("::deephaven")
    assert set(graph.outputs["private-ca"]) == {"authority"}


BAD = {
    "another name": (make("Web", CA, names=["h2.lab.internal"]), "is not valid for h1.lab.internal"),
    "one use only": (make("Web", CA, names=["h1.lab.internal"], uses=None), "has no Extended Key Usage"),
    "expired": (make("Web", CA, names=["h1.lab.internal"], valid=(-9, -1)), "expired on"),
    "another authority": (make("Web", authority("Other"), names=["h1.lab.internal"]), "is incomplete"),
}


@pytest.fixture
def quiet() -> Iterator[None]:
    """Discard the leftovers of a failed program, and silence the loop's log of them: the error itself is raised."""
    loop = _ensure_event_loop()  # type: ignore[no-untyped-call]
    loop.set_exception_handler(lambda *_: None)
    yield
    SETTINGS.outputs.clear()
    SETTINGS.rpc_manager.clear()
    gc.collect()
    loop.set_exception_handler(None)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("case", BAD)
def test_a_bad_result_is_not_installed(private: DeploymentSpec, case: str) -> None:
    web, words = BAD[case]
    graph = Graph(Signed(web))
    with pytest.raises(pulumi.RunError, match=f"the private CA's certificate.*{words}") as error:
        record(private, load_certificate(private.cluster, project=PROJECT, now=NOW), graph=graph)
    assert "infra-certificate" not in graph.requests
    assert "infra-product" in graph.requests
    assert web.pem.splitlines()[1] not in str(error.value)


def test_a_provided_certificate_needs_no_authority(raw: dict[str, Any]) -> None:
    spec = make_spec({**raw, "certificate": {"kind": "provided", "crt": WEB.crt + CA.crt, "key": WEB.pem}})
    graph = run(spec)
    assert not [name for name, request in graph.requests.items() if request.type.startswith("tls:")]
    stdin = plain(graph.requests["infra-certificate"].object)["stdin"]
    assert is_secret(stdin)
    assert f"key='{WEB.pem.strip()}'\n" in stdin["value"]
    assert "ca_certificate" not in graph.outputs["deephaven"]
    key = WEB.pem.splitlines()[1]
    shown = {name: {k: v for k, v in plain(r.object).items() if not is_secret(v)} for name, r in graph.requests.items()}
    assert key not in str(shown)

"""The policy view of the topology: all that the rules need, as plain values, without secrets."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from components.config.models import Host
from components.plan import plan
from components.policy_view import policy_view
from components.tls.plan import CertificateAndKey
from tests.support.certificates import authority, make
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec, raw_of
from tests.unit.recorder import DIGEST, record


def view(stack: str, certificate: CertificateAndKey | None = None, **change: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return the policy view of a stack with a change merged into its configuration."""
    spec = make_spec(changed(raw_of(stack), change))
    return policy_view(spec, plan(spec, digest=DIGEST), certificate)


def test_hosts_and_servers() -> None:
    topology = view("production-ha")
    assert (topology["environment"], topology["release"]) == ("production", "1.20200121.008-1")
    assert topology["etcd"] == ["etcd1", "etcd2", "etcd3"]
    assert topology["config_servers"] == topology["auth_servers"] == ["infra", "standby"]
    assert {key: host["state"] for key, host in topology["hosts"].items() if host["state"]} == {
        "etcd1": ["etcd"], "etcd2": ["etcd"], "etcd3": ["etcd"], "infra": ["acl_database"], "dis": ["dis"],
    }  # fmt: skip
    assert {build for host in topology["hosts"].values() for build in host["builds"]} == {topology["release"]}


def test_every_host_has_its_build_from_the_plan() -> None:
    assert all(host["builds"] for host in view("production-ha")["hosts"].values())


def test_declared_flags_of_a_host() -> None:
    flags = [name for name in Host.model_fields if name in {"replace", "retire", "lost"}]
    topology = view("production", hosts={"query2": {"retire": True}})
    assert topology["hosts"]["query2"]["declared"] == ["retire"]
    assert flags == ["replace", "retire", "lost"]


def test_the_kind_of_certificate() -> None:
    assert view("test")["certificate"] == {"kind": "self-signed"}
    assert (view("test")["update_service"], view("production")["update_service"]) == ("insecure", "secure")
    assert view("test", services={"cus": False})["update_service"] == "none"


KEYS = [
    (ec.generate_private_key(ec.SECP384R1()), "ECDSA", 384),
    (rsa.generate_private_key(65537, 2048), "RSA", 2048),
    (ed25519.Ed25519PrivateKey.generate(), "Ed25519", 0),
]


@pytest.mark.parametrize(("key", "kind", "bits"), KEYS, ids=["ec", "rsa", "ed25519"])
def test_a_provided_certificate(key: Any, kind: str, bits: int) -> None:  # noqa: ANN401 - any private key
    ca = authority("CA")
    web = make("Web", ca, key=key)
    topology = view("production-ha", CertificateAndKey(web.crt + ca.crt, web.pem))["certificate"]
    assert (topology["key_type"], topology["key_bits"], topology["authority"]) == (kind, bits, False)
    assert topology["valid_until"] == web.certificate.not_valid_after_utc.isoformat()
    assert view("production-ha", CertificateAndKey(ca.crt, ca.pem))["certificate"]["authority"] is True


def test_waivers() -> None:
    topology = view("production", allow=[{"refusal": "downgrade", "reason": "a test"}], facts="off", protect=False)
    assert topology["requirements"]["memory"] == {"ignored": False, "limit": 2**30, "reason": "lab"}
    assert topology["requirements"]["swap"] == {"ignored": True, "limit": 0, "reason": "lab"}
    assert topology["allow"] == [{"refusal": "downgrade", "reason": "a test"}]
    assert (topology["facts"], topology["protect"]) == (False, False)
    assert (view("production")["protect"], view("test")["protect"]) == (True, False)


def test_the_shared_directory_and_who_mounts_it() -> None:
    (shared,) = view("production")["shared"]
    assert shared["path"] == "/db/Systems"
    assert set(shared["sources"]) == {"infra", "query1", "query2"}
    above = view("production", mounts=[{"source": "nas:/db", "path": "/db", "type": "nfs"}])["shared"][0]
    assert set(above["sources"].values()) == {"nfs nas:/db at /db"}
    sibling = view("production", mounts=[{"source": "nas:/db", "path": "/db/Sys", "type": "nfs"}])["shared"][0]
    assert set(sibling["sources"].values()) == {""}


def test_it_is_an_input_and_an_output_of_the_root_component_without_secrets() -> None:
    graph = record(make_spec(raw_of("test-mysql")))
    output, expected = graph.outputs["deephaven"]["topology"], {"name": "deephaven", **view("test-mysql")}
    assert json.loads(json.dumps(output)) == expected
    assert "decrypted" not in json.dumps([output, expected])
    assert "topology" in graph.requests["deephaven"].object

"""What the root component tells policies: all that they need, in plain values, and no secret."""

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


def told(stack: str, certificate: CertificateAndKey | None = None, **change: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return the outline of a stack with a change laid over its configuration."""
    spec = make_spec(changed(raw_of(stack), change))
    return policy_view(spec, plan(spec, digest=DIGEST), certificate)


def test_who_is_where() -> None:
    found = told("production-ha")
    assert (found["environment"], found["release"]) == ("production", "1.20200121.008-1")
    assert found["etcd"] == ["etcd1", "etcd2", "etcd3"]
    assert found["config_servers"] == found["auth_servers"] == ["infra", "standby"]
    assert {key: host["state"] for key, host in found["hosts"].items() if host["state"]} == {
        "etcd1": ["etcd"], "etcd2": ["etcd"], "etcd3": ["etcd"], "infra": ["acl_database"], "dis": ["dis"],
    }  # fmt: skip
    assert {build for host in found["hosts"].values() for build in host["builds"]} == {found["release"]}


def test_every_host_has_its_build_from_the_plan() -> None:
    assert all(host["builds"] for host in told("production-ha")["hosts"].values())


def test_what_a_host_is_declared() -> None:
    flags = [name for name in Host.model_fields if name in {"replace", "retire", "lost"}]
    found = told("production", hosts={"query2": {"retire": True}})
    assert found["hosts"]["query2"]["declared"] == ["retire"]
    assert flags == ["replace", "retire", "lost"]


def test_the_certificate() -> None:
    assert told("test")["certificate"] == {"kind": "self-signed"}
    assert (told("test")["update_service"], told("production")["update_service"]) == ("insecure", "secure")
    assert told("test", services={"cus": False})["update_service"] == "none"


KEYS = [
    (ec.generate_private_key(ec.SECP384R1()), "ECDSA", 384),
    (rsa.generate_private_key(65537, 2048), "RSA", 2048),
    (ed25519.Ed25519PrivateKey.generate(), "Ed25519", 0),
]


@pytest.mark.parametrize(("key", "kind", "bits"), KEYS, ids=["ec", "rsa", "ed25519"])
def test_a_provided_certificate(key: Any, kind: str, bits: int) -> None:  # noqa: ANN401 - any private key
    ca = authority("CA")
    web = make("Web", ca, key=key)
    found = told("production-ha", CertificateAndKey(web.crt + ca.crt, web.pem))["certificate"]
    assert (found["key_type"], found["key_bits"], found["authority"]) == (kind, bits, False)
    assert found["valid_until"] == web.certificate.not_valid_after_utc.isoformat()
    assert told("production-ha", CertificateAndKey(ca.crt, ca.pem))["certificate"]["authority"] is True


def test_what_is_relaxed() -> None:
    found = told("production", allow=[{"refusal": "downgrade", "reason": "a test"}], facts="off", protect=False)
    assert found["requirements"]["memory"] == {"ignored": False, "limit": 2**30, "reason": "lab"}
    assert found["requirements"]["swap"] == {"ignored": True, "limit": 0, "reason": "lab"}
    assert found["allow"] == [{"refusal": "downgrade", "reason": "a test"}]
    assert (found["facts"], found["protect"]) == (False, False)
    assert (told("production")["protect"], told("test")["protect"]) == (True, False)


def test_the_shared_directory_and_who_mounts_it() -> None:
    (shared,) = told("production")["shared"]
    assert shared["path"] == "/db/Systems"
    assert set(shared["sources"]) == {"infra", "query1", "query2"}
    above = told("production", mounts=[{"source": "nas:/db", "path": "/db", "type": "nfs"}])["shared"][0]
    assert set(above["sources"].values()) == {"nfs nas:/db at /db"}
    beside = told("production", mounts=[{"source": "nas:/db", "path": "/db/Sys", "type": "nfs"}])["shared"][0]
    assert set(beside["sources"].values()) == {""}


def test_it_is_an_input_and_an_output_of_the_root_component_and_holds_no_secret() -> None:
    graph = record(make_spec(raw_of("test-mysql")))
    told_twice = [graph.outputs["deephaven"]["topology"], {"name": "deephaven", **told("test-mysql")}]
    assert json.loads(json.dumps(told_twice[0])) == told_twice[1]
    assert "decrypted" not in json.dumps(told_twice)
    assert "topology" in graph.requests["deephaven"].object

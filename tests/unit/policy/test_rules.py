"""Each rule about the cluster, with a good topology and with bad ones."""

from typing import Any

import pytest

from policy.rules.certificate import EVALUATED
from policy.rules.model import UNKNOWN, Resource
from policy.rules.tokens import COMMAND, HOST, LOCALLY_SIGNED, PRIVATE_KEY, SELF_SIGNED
from tests.unit.policy.cases import deployment, messages

Case = tuple[str, str, dict[str, Any], str]
PLANNING = "(guide: Planning the Installation)"
CERTIFICATE = {
    "kind": "provided", "valid_from": "2025-12-01T00:00:00+00:00", "valid_until": "2026-12-01T00:00:00+00:00",
    "authority": False, "key_type": "RSA", "key_bits": 2048,
}  # fmt: skip
BAD: list[Case] = [
    ("etcd", "production", {"etcd": ["infra"]}, "1 of at least 3 members: a single failing host may stop"),
    ("etcd", "production", {"etcd": ["infra", "query1"]}, "2 members tolerate no more failures than 1"),
    ("etcd", "test", {"etcd": ["infra", "infra"]}, "h1.lab.internal has two members; place each on its own"),
    ("etcd", "production", {"etcd": ["infra", "query1", "other"]}, "etcd other: is not a host of this cluster"),
    ("etcd", "production", {"hosts": {"query1": {"ip": "10.77.0.13"}}}, "10.77.0.13 has two members"),
    ("etcd", "production", {"etcd": []}, "0 members"),
    ("servers", "production", {}, "config_servers: 1 of at least 2: without a second configuration server"),
    ("servers", "production", {}, "auth_servers: 1 of at least 2: without a second authentication server"),
    ("certificate", "production", {"certificate": {"kind": "self-signed"}}, "is the vendor's self-signed certificate"),
    ("certificate", "production", {"update_service": "insecure"}, "would be insecure"),
    ("shared-data", "test-opensuse", {}, "/db/Systems: is not mounted on infra, query, but 2 query servers read it"),
    (
        "shared-data", "production",
        {"shared": [{"path": "/data", "sources": {"query1": "nfs a:/x at /data", "query2": "nfs b:/x at /data"}}]},
        "/data: has several sources: query1 from nfs a:/x at /data, query2 from nfs b:/x at /data",
    ),
    ("requirements", "production", {"requirements": {"memory": {"reason": " "}}}, "requirements.memory: has no reason"),
    ("requirements", "production", {"allow": [{"refusal": "state", "reason": ""}]}, "allow state: has no reason"),
    ("requirements", "production", {"facts": False}, "facts: is off, so hosts are not checked"),
    (
        "build", "production", {"hosts": {"query2": {"builds": ["1.20200121.007-1"]}}},
        "query2 (h3.lab.internal): would run 1.20200121.007-1 in a cluster of 1.20200121.008-1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "stack", "change", "words"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_cluster_has_a_finding(rule: str, stack: str, change: dict[str, Any], words: str) -> None:
    lines = messages(rule, deployment(stack, **change))
    assert any(words in line for line in lines), lines
    assert all("; " in line for line in lines), "each line has a remedy"


@pytest.mark.parametrize("rule", ["etcd", "certificate", "shared-data", "requirements", "build"])
@pytest.mark.parametrize("stack", ["production", "production-ha", "test"])
def test_a_good_cluster_has_no_finding(rule: str, stack: str) -> None:
    assert messages(rule, deployment(stack)) == []


def test_two_servers_of_each_kind_are_sufficient() -> None:
    assert messages("servers", deployment("production-ha")) == []


@pytest.mark.parametrize("rule", ["servers", "requirements", "protection"])
def test_some_rules_apply_to_production_only(rule: str) -> None:
    assert messages(rule, deployment("test", facts=False, requirements={}, allow=[])) == []


def test_limits_can_be_set() -> None:
    assert messages("etcd", deployment("production-ha"), members=5) != []
    assert messages("servers", deployment("production"), config_servers=1, auth_servers=1) == []


def test_a_message_names_the_chapter_of_the_guide() -> None:
    assert messages("etcd", deployment(etcd=["infra", "query1"]))[0] == (
        f"etcd: 2 members tolerate no more failures than 1; add or remove one to get an odd number {PLANNING}"
    )


DATES: list[tuple[dict[str, Any], str]] = [
    ({"valid_until": "2026-01-10T00:00:00+00:00"}, "is valid for 9 more days, until 2026-01-10, but 14 are required"),
    ({"valid_until": "2025-12-10T00:00:00+00:00"}, "is valid for 0 more days, until 2025-12-10"),
    ({"valid_from": "2020-01-01T00:00:00+00:00"}, "but browsers accept at most 825"),
    ({"key_bits": 1024.0}, "has an RSA key of 1024 bits; use 2048 or more"),
    ({"key_type": "ECDSA", "key_bits": 224.0}, "has an ECDSA key of 224 bits"),
    ({"key_type": "Ed25519"}, "has a key of type Ed25519, which Java 8 does not support"),
    ({"authority": True}, "has the CA flag: whoever compromises"),
]


@pytest.mark.parametrize(("change", "words"), DATES, ids=lambda value: str(value)[:40])
def test_a_bad_provided_certificate_has_one_finding(change: dict[str, Any], words: str) -> None:
    assert messages("certificate", deployment(certificate=CERTIFICATE)) == []
    lines = messages("certificate", deployment(certificate={**CERTIFICATE, **change}))
    assert len(lines) == 1
    assert words in lines[0]


AUTHORITY = {"isCaCertificate": True, "validityPeriodHours": 87600.0}
SIGNED = {"validityPeriodHours": 8760.0, "earlyRenewalHours": 720.0}
ISSUED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (PRIVATE_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P256"}, {"ecdsaCurve": "P224"}, "ECDSA key of 224 bits"),
    (PRIVATE_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P384"}, {"ecdsaCurve": None}, "ECDSA key of 224 bits"),
    (PRIVATE_KEY, {"algorithm": "RSA", "rsaBits": 4096.0}, {"rsaBits": 1024.0}, "an RSA key of 1024 bits"),
    (PRIVATE_KEY, {"algorithm": "RSA"}, {"algorithm": "ED25519"}, "a key of type ED25519"),
    (SELF_SIGNED, AUTHORITY, {"isCaCertificate": False}, "is self-signed and not an authority"),
    (SELF_SIGNED, AUTHORITY, {"validityPeriodHours": 999999.0}, "is valid for 41666 days, but at most 7300"),
    (LOCALLY_SIGNED, SIGNED, {"isCaCertificate": True}, "has the CA flag, which only the authority may have"),
    (
        LOCALLY_SIGNED,
        SIGNED,
        {"validityPeriodHours": 87600.0},
        "is valid for 3650 days, but browsers accept at most 825",
    ),
    (LOCALLY_SIGNED, SIGNED, {"earlyRenewalHours": 48.0}, "is renewed when 2 days are left, but 14 are required"),
    (LOCALLY_SIGNED, SIGNED, {"earlyRenewalHours": None}, "is renewed when 0 days are left"),
]


@pytest.mark.parametrize(("kind", "good", "change", "words"), ISSUED, ids=lambda value: str(value)[-40:])
def test_a_bad_resource_of_a_private_authority_has_one_finding(
    kind: str, good: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    assert messages("certificate", Resource(type=kind, name="one", properties=good)) == []
    lines = messages("certificate", Resource(type=kind, name="one", properties={**good, **change}))
    assert len(lines) == 1
    assert words in lines[0]


@pytest.mark.parametrize(("kind", "good"), [(PRIVATE_KEY, {}), (SELF_SIGNED, AUTHORITY), (LOCALLY_SIGNED, SIGNED)])
def test_unknown_properties_of_a_private_authority_are_reported(kind: str, good: dict[str, Any]) -> None:
    for key in EVALUATED[kind]:
        resource = Resource(type=kind, name="one", properties={**good, key: UNKNOWN})
        assert messages("certificate", resource) == [f"one: {key} is unknown before the update"]
    all_of_it = Resource(type=kind, name="one", properties=dict.fromkeys(EVALUATED[kind], UNKNOWN))
    assert len(messages("certificate", all_of_it)) == len(EVALUATED[kind])


def _hosts(**protected: bool) -> list[Resource]:
    return [Resource(type=COMMAND, name=f"deephaven-{key}{HOST}", protected=is_on) for key, is_on in protected.items()]


def test_hosts_with_state_must_be_protected() -> None:
    assert messages("protection", deployment(), *_hosts(infra=True, query1=True, query2=True)) == []
    lines = messages("protection", deployment(), *_hosts(infra=True, query1=False))
    assert [line.partition(":")[0] for line in lines] == ["query1 (h2.lab.internal)", "query2 (h3.lab.internal)"]
    assert "holds a member of etcd and is not protected" in lines[0]


@pytest.mark.parametrize("declared", ["retire", "lost"])
def test_a_host_that_may_be_removed_needs_no_protection(declared: str) -> None:
    removed = deployment(hosts={"query2": {"declared": [declared]}})
    assert messages("protection", removed, *_hosts(infra=True, query1=True)) == []
    replaced = deployment(hosts={"query2": {"declared": ["replace"]}})
    assert len(messages("protection", replaced, *_hosts(infra=True, query1=True))) == 1


def test_waivers_of_a_stack_are_reported() -> None:
    change = {
        "allow": [{"refusal": "downgrade", "reason": "a test"}],
        "facts": False,
        "protect": False,
        "hosts": {"query1": {"declared": ["replace"]}},
    }
    text = "\n".join(messages("waivers", deployment(**change)))
    for words in (
        "requirements.memory: has the limit 1,073,741,824 (lab)",
        "requirements.swap: is ignored (lab)",
        "allow downgrade: permits a refused change (a test)",
        "query1 (h2.lab.internal): is declared replace: true",
        "facts: is off",
        "protect: is false",
    ):
        assert words in text
    assert messages("waivers", deployment("test-opensuse")) == []

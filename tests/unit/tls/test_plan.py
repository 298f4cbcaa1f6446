"""The plan for each kind of certificate: which hosts get it, when, and the arguments of the vendor's scripts."""

from dataclasses import replace
from typing import Any

import pytest

from components.config.certificate import PrivateCa
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import Plan, Step
from components.tls.plan import CertificateAndKey, CertificateSpec, identify, request, served
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec

KINDS: dict[str, dict[str, Any]] = {
    "private-ca": {"kind": "private-ca"},
    "provided": {"kind": "provided", "crt": "x", "key": "y"},
}
SPREAD = {
    "hosts": {
        "web": {"fqdn": "web.lab.internal", "roles": ["infra"]},
        "cus": {"fqdn": "cus.lab.internal", "roles": ["infra"]},
        "query": {"fqdn": "query.lab.internal", "roles": ["query"]},
    },
    "services": {"web_api": "web", "cus": "cus"},
    "release": {"overrides": {"roles": {"web_api": "web-only", "cus": "cus-only"}}},
}


def planned(spec: DeploymentSpec) -> Plan:
    return plan(spec, digest="0" * 64)


def command(spec: DeploymentSpec, step: str) -> str:
    planned_step = planned(spec)[step]
    assert isinstance(planned_step, Step)
    return " ".join(planned_step.inputs["command"])


@pytest.fixture(params=KINDS)
def spread(request: pytest.FixtureRequest, raw: dict[str, Any]) -> DeploymentSpec:
    """Return a deployment spec whose web API and Client Update Service run on separate hosts."""
    return make_spec({**changed(raw, SPREAD), "certificate": KINDS[request.param]})


def private_ca(spec: DeploymentSpec) -> CertificateSpec:
    return request(spec.cluster, PrivateCa(kind="private-ca"))


def test_it_is_installed_on_its_users_after_the_product_and_before_the_keys(spread: DeploymentSpec) -> None:
    order = planned(spread)
    steps = {step.resource_name: step for step in order if step.name == "certificate"}
    assert set(steps) == {"infra-certificate", "web-certificate", "cus-certificate"}
    for name, step in steps.items():
        assert step.after == (name.replace("certificate", "product"),)
    assert set(steps) < set(order["infra-keygen"].after)


def test_the_vendors_scripts_get_arguments_for_it(spread: DeploymentSpec) -> None:
    assert command(spread, "infra-keygen").endswith("iris_keygen.sh --config-server h1.lab.internal")
    assert command(spread, "cus-cus").endswith("--cus-address cus.lab.internal --secure")


def test_the_step_has_the_profiles_files_and_owner(spread: DeploymentSpec) -> None:
    step = planned(spread)["web-certificate"]
    assert isinstance(step, Step)
    assert dict(step.inputs) == {
        "crt_file": "/etc/deephaven/cus-tls/tls.crt",
        "key_file": "/etc/deephaven/cus-tls/tls.key",
        "mode": "0400",
        "owner": "irisadmin:irisadmin",
        "certificate": "",
    }
    assert set(step.secrets) == {"crt", "key"}


def test_only_users_of_the_certificate_pick_up_a_renewal(spread: DeploymentSpec) -> None:
    order = planned(spread)
    renewals = {step.node.key: step for step in order if step.name == "certificate-renewed"}
    assert set(renewals) == {"infra", "web", "cus"}
    restarted = {key: step.inputs["services"] for key, step in renewals.items() if isinstance(step, Step)}
    assert restarted == {"infra": (), "web": ("web_api_service",), "cus": ("client_update_service",)}
    again = {key: step.inputs["again"] for key, step in renewals.items() if isinstance(step, Step)}
    assert [key for key, words in again.items() if words] == ["cus"]
    assert again["cus"][-1] == "--secure"
    assert {step.after for step in renewals.values()} == {("cus-reload", f"{key}-certificate") for key in renewals}
    assert {step.resource_name for step in renewals.values()} <= set(order["infra-verify"].after)


def test_the_vendors_own_certificate_has_no_step_and_its_own_flags(spec: DeploymentSpec) -> None:
    assert not [step for step in planned(spec) if step.name.startswith("certificate")]
    assert "--web-server h1.lab.internal" in command(spec, "infra-keygen")
    assert command(spec, "infra-cus").endswith("--insecure")


def test_a_private_ca_certifies_the_names_of_its_users(spread: DeploymentSpec) -> None:
    assert private_ca(spread).names == ("web.lab.internal", "cus.lab.internal", "h1.lab.internal")
    assert served(spread.cluster) == ("web.lab.internal", "cus.lab.internal")


def test_a_declined_update_service_is_not_certified(raw: dict[str, Any]) -> None:
    spec = make_spec(changed(raw, {**SPREAD, "services": {"web_api": "web", "cus": False}}))
    assert private_ca(spec).names == ("web.lab.internal", "h1.lab.internal")


def test_another_query_server_does_not_change_the_certificate(raw: dict[str, Any]) -> None:
    more = changed(raw, {"hosts": {"another": {"fqdn": "another.lab.internal", "roles": ["query"]}}})
    assert private_ca(make_spec(more)) == private_ca(make_spec(raw))


def test_a_long_name_is_not_used_as_common_name(raw: dict[str, Any]) -> None:
    long = f"{'a' * 60}.lab.internal"
    spec = make_spec(changed(raw, {"hosts": {"infra": {"fqdn": long}}}))
    assert private_ca(spec).names == (long,)
    assert private_ca(spec).common_name == "Deephaven"
    assert private_ca(make_spec(raw)).common_name == "h1.lab.internal"


def test_another_certificate_is_another_input_of_the_steps_that_use_it(spread: DeploymentSpec) -> None:
    for name in ("web-certificate", "web-certificate-renewed"):
        step = planned(replace(spread, certificate="1a2b"))[name]
        assert isinstance(step, Step)
        assert step.inputs["certificate"] == "1a2b"


def test_certificates_are_distinguished_by_whatever_issues_another_one(spread: DeploymentSpec) -> None:
    spec = private_ca(spread)
    same = [spec, replace(spec, renewal_days=spec.renewal_days + 1)]
    others: list[CertificateAndKey | CertificateSpec | None] = [
        replace(spec, names=(*spec.names, "other.lab.internal")),
        replace(spec, validity_days=1),
        CertificateAndKey(crt="one", key="key"),
        CertificateAndKey(crt="two", key="key"),
        None,
    ]
    assert len({identify(certificate) for certificate in same}) == 1
    assert len({identify(certificate) for certificate in [spec, *others]}) == 1 + len(others)

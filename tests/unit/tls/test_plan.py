"""What the kinds of certificates mean for the plan: who gets it, when, and what the vendor's scripts are told."""

from typing import Any

import pytest

from components.config.certificate import PrivateCa
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import Plan, Step
from components.tls.plan import CertificateSpec, request, served
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
    "release": {"overrides": {"roles": {"web_api": "web-alone", "cus": "cus-alone"}}},
}


def planned(spec: DeploymentSpec) -> Plan:
    return plan(spec, digest="0" * 64)


def command(spec: DeploymentSpec, step: str) -> str:
    action = planned(spec)[step]
    assert isinstance(action, Step)
    return " ".join(action.inputs["command"])


@pytest.fixture(params=KINDS)
def spread(request: pytest.FixtureRequest, raw: dict[str, Any]) -> DeploymentSpec:
    """Return a site whose web API and Client Update Service run on hosts of their own."""
    return make_spec({**changed(raw, SPREAD), "certificate": KINDS[request.param]})


def asked(spec: DeploymentSpec) -> CertificateSpec:
    return request(spec.cluster, PrivateCa(kind="private-ca"))


def test_it_goes_to_the_hosts_that_use_it_after_the_product_and_before_the_keys(spread: DeploymentSpec) -> None:
    order = planned(spread)
    steps = {task.resource_name: task for task in order if task.name == "certificate"}
    assert set(steps) == {"infra-certificate", "web-certificate", "cus-certificate"}
    for name, task in steps.items():
        assert task.after == (name.replace("certificate", "product"),)
    assert set(steps) < set(order["infra-keygen"].after)


def test_the_vendors_scripts_are_told(spread: DeploymentSpec) -> None:
    assert command(spread, "infra-keygen").endswith("iris_keygen.sh --config-server h1.lab.internal")
    assert command(spread, "cus-cus").endswith("--cus-address cus.lab.internal --secure")


def test_the_step_has_the_profiles_files_and_owner(spread: DeploymentSpec) -> None:
    action = planned(spread)["web-certificate"]
    assert isinstance(action, Step)
    assert dict(action.inputs) == {
        "crt_file": "/etc/deephaven/cus-tls/tls.crt",
        "key_file": "/etc/deephaven/cus-tls/tls.key",
        "mode": "0400",
        "owner": "irisadmin:irisadmin",
    }
    assert set(action.secrets) == {"crt", "key"}


def test_a_renewed_one_is_learned_by_what_uses_it_and_nothing_else(spread: DeploymentSpec) -> None:
    order = planned(spread)
    renewals = {task.node.key: task for task in order if task.name == "certificate-renewed"}
    assert set(renewals) == {"infra", "web", "cus"}
    learned = {key: task.inputs["services"] for key, task in renewals.items() if isinstance(task, Step)}
    assert learned == {"infra": (), "web": ("web_api_service",), "cus": ("client_update_service",)}
    again = {key: task.inputs["again"] for key, task in renewals.items() if isinstance(task, Step)}
    assert [key for key, words in again.items() if words] == ["cus"]
    assert again["cus"][-1] == "--secure"
    assert {task.after for task in renewals.values()} == {("cus-reload", f"{key}-certificate") for key in renewals}
    assert {task.resource_name for task in renewals.values()} <= set(order["infra-verify"].after)


def test_the_vendors_own_certificate_needs_no_step_and_keeps_its_flags(spec: DeploymentSpec) -> None:
    assert not [task for task in planned(spec) if task.name.startswith("certificate")]
    assert "--web-server h1.lab.internal" in command(spec, "infra-keygen")
    assert command(spec, "infra-cus").endswith("--insecure")


def test_a_private_ca_is_asked_for_the_names_of_the_hosts_that_use_it(spread: DeploymentSpec) -> None:
    assert asked(spread).names == ("web.lab.internal", "cus.lab.internal", "h1.lab.internal")
    assert served(spread.cluster) == ("web.lab.internal", "cus.lab.internal")


def test_without_client_update_service_nothing_is_asked_for_it(raw: dict[str, Any]) -> None:
    spec = make_spec(changed(raw, {**SPREAD, "services": {"web_api": "web", "cus": False}}))
    assert asked(spec).names == ("web.lab.internal", "h1.lab.internal")


def test_a_further_query_server_does_not_change_what_is_asked_for(raw: dict[str, Any]) -> None:
    more = changed(raw, {"hosts": {"another": {"fqdn": "another.lab.internal", "roles": ["query"]}}})
    assert asked(make_spec(more)) == asked(make_spec(raw))


def test_a_long_name_is_no_common_name(raw: dict[str, Any]) -> None:
    long = f"{'a' * 60}.lab.internal"
    spec = make_spec(changed(raw, {"hosts": {"infra": {"fqdn": long}}}))
    assert asked(spec).names == (long,)
    assert asked(spec).common_name == "Deephaven"
    assert asked(make_spec(raw)).common_name == "h1.lab.internal"

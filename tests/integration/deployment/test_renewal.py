"""Renewal of a certificate if the web API runs on its own host; each test continues from the one before.

The renewal on a single node is tested in test_certificates.py and test_provided_certificate.py.
"""

import json
from collections.abc import Iterator

import pytest

from tests.integration.deployment.test_certificates import TLS, expire_soon, fingerprint, served_at
from tests.integration.deployment.test_faults import FAULTS
from tests.support.cluster import Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = [pytest.mark.lab, pytest.mark.long]
WEB, CUS = "https://h2.lab.internal:8123", "https://h1.lab.internal:8180"
KEYSTORE = "/etc/sysconfig/deephaven/auth/keystore.webserver.p12"
SPREAD = {
    "certificate": {"kind": "private-ca"},
    "hosts": {"web": {"fqdn": "h2.lab.internal", "ip": "10.77.0.12", "roles": ["infra"]}},
    "services": {"web_api": "web", "controller": "infra", "cus": "infra"},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Deploy the test stack with a second host for the web API."""
    with temporary_lab(lab_name("renewal")) as lab:
        copy = edited_copy(bare_stack(lab, "test"), tmp_path_factory.mktemp("renewal"), SPREAD)
        lab.up(2)
        copy.deploy()
        yield copy


def pids(cluster: Cluster) -> dict[str, str]:
    """Return the process ids of both hosts."""
    return {f"{host} {name}": pid for host in ("h1", "h2") for name, pid in cluster.pids(host).items()}


def restarted(cluster: Cluster, before: dict[str, str]) -> set[str]:
    """Return the services with another process id than before."""
    return {name for name, pid in pids(cluster).items() if before[name] != pid}


def test_the_installation_restarts_nothing(cluster: Cluster) -> None:
    resources = cluster.state()["deployment"]["resources"]
    outputs = json.dumps([resource.get("outputs", {}).get("stdout") for resource in resources])
    assert "fact: web=" in outputs
    assert "restarted" not in outputs
    before = pids(cluster)
    assert cluster.has_no_changes()
    assert pids(cluster) == before


def test_a_failed_renewal_on_one_host_is_repeated_by_the_next_update(cluster: Cluster) -> None:
    before, previous = pids(cluster), served_at(cluster, WEB)
    assert previous == served_at(cluster, CUS)
    cluster.root(f"echo 'cus_init.sh status 1' >{FAULTS}")
    expire_soon(cluster)
    failed = cluster.up()
    assert failed.status != 0
    assert "infra (h1.lab.internal): step certificate-renewed: cus_init.sh exited with status " in failed.output
    assert served_at(cluster, CUS) == previous
    assert restarted(cluster, before) <= {"h2 web_api_service.pid"}
    after_failure, done = pids(cluster), cluster.up()
    assert done.status == 0, done.output
    assert set(done.touched) <= {"infra-certificate-renewed", "web-certificate-renewed", "infra-verify"}
    assert served_at(cluster, WEB) == served_at(cluster, CUS) != previous
    assert restarted(cluster, before) == {"h2 web_api_service.pid", "h1 client_update_service.pid"}
    assert "h1 client_update_service.pid" in restarted(cluster, after_failure)
    assert cluster.stack.outputs()["certificates"]["web"] == fingerprint(cluster, "h2")
    assert cluster.has_no_changes()


def test_another_keystore_is_detected_as_drift_and_repaired(cluster: Cluster) -> None:
    serial, before = served_at(cluster, WEB), pids(cluster)
    create = "openssl req -x509 -newkey rsa:2048 -nodes -keyout /root/k -out /root/c -subj /CN=other 2>/dev/null"
    passphrase = "-passout file:<(base64 -d /etc/sysconfig/deephaven/auth/.webserver_passphrase)"  # noqa: S105
    export = f"openssl pkcs12 -export -name web_server -in /root/c -inkey /root/k -out {KEYSTORE} {passphrase}"
    cluster.root(f"{create}; {export}", host="h2")
    preview = cluster.preview()
    assert set(preview.touched) == {"web-certificate-renewed"}
    assert f"# drift: {KEYSTORE} changed since" in preview.touched["web-certificate-renewed"]
    cluster.deploy()
    assert served_at(cluster, WEB) == serial
    assert restarted(cluster, before) == {"h2 web_api_service.pid"}
    assert cluster.has_no_changes()


def test_another_address_of_one_host_changes_only_its_steps_and_transfers(cluster: Cluster) -> None:
    before = pids(cluster)
    write_config(cluster, changed(cluster.configuration(), {"hosts": {"web": {"ssh": {"address": "10.77.0.12"}}}}))
    preview, done = cluster.preview(), cluster.up()
    assert done.status == 0, done.output
    for update in (preview, done):
        assert {name.partition("-")[0] for name in update.diffs} == {"web"}
        steps = {name: inputs for name, inputs in update.diffs.items() if name not in {"web-etcd-config", "web-auth"}}
        assert set(steps.values()) == {frozenset({"connection"})}
        assert update.diffs["web-auth"] == {"stdin"}
    assert restarted(cluster, before) == set()
    assert cluster.root(f"cat {TLS}/tls.crt", host="h2") == cluster.root(f"cat {TLS}/tls.crt")
    assert cluster.has_no_changes()

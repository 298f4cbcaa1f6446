"""A node with a certificate of a private CA: clients that trust the CA trust the node; the tests follow one another."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import authority
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy

pytestmark = pytest.mark.lab
HOSTS = "deephaven-private-ca-hosts-certificate"
TLS = "/etc/deephaven/cus-tls"
RENEWED = {"infra-certificate", "infra-certificate-renewed"}
SERVED = {"web_api_service.pid", "client_update_service.pid"}
PAGES = {"web API": "https://h1.lab.internal:8123/iriside", "CUS": "https://h1.lab.internal:8180/iris/getdown.txt"}


@pytest.fixture(scope="module")
def private(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with a private CA, in a checkout of its own."""
    return edited_copy(cluster, tmp_path_factory.mktemp("private"), {"certificate": {"kind": "private-ca"}})


@pytest.fixture(scope="module")
def console(private: Cluster) -> str:
    """Deploy it and return what the terminal showed."""
    update = private.deploy()
    return update.output


@pytest.fixture
def trusted(private: Cluster, tmp_path: Path) -> Path:
    """Return a file with the CA's certificate from the stack's outputs."""
    file = tmp_path / "ca.pem"
    file.write_text(private.stack.outputs()["ca_certificate"])
    return file


def verifies(cluster: Cluster, url: str, trusted: Path) -> bool:
    """Say whether an operator's curl that trusts one CA gets a page."""
    get = ["curl", "-s", "--fail", "-o", "/dev/null", "--cacert", str(trusted), url]
    return cluster.lab.exec(get, check=False).returncode == 0


def test_a_bad_result_is_installed_nowhere(private: Cluster) -> None:
    file = private.stack.project / "components/tls/private_ca.py"
    good = file.read_text()
    assert "dns_names=list(spec.names)" in good
    file.write_text(good.replace("dns_names=list(spec.names)", 'dns_names=["h2.lab.internal"]'))
    update = private.up()
    file.write_text(good)
    assert update.status != 0
    line = "the private CA's certificate.crt: is not valid for h1.lab.internal, but for h2.lab.internal"
    assert line in update.output
    assert "Traceback" not in update.output
    assert private.root(f"ls {TLS} 2>/dev/null || true") == ""


@pytest.mark.usefixtures("console")
class TestARunningNode:
    """What holds after an update."""

    def test_every_service_is_ok(self, private: Cluster) -> None:
        assert {name for name, status in private.services().items() if status != "OK"} == set()

    @pytest.mark.parametrize("page", PAGES)
    def test_who_trusts_the_ca_trusts(self, private: Cluster, trusted: Path, tmp_path: Path, page: str) -> None:
        other = tmp_path / "other.pem"
        other.write_text(authority("Deephaven private CA").crt)
        assert verifies(private, PAGES[page], trusted)
        assert not verifies(private, PAGES[page], other)

    def test_both_files_are_for_the_products_account_alone(self, private: Cluster) -> None:
        listed = private.root(f"stat -c %n:%a:%U:%G {TLS}/*").split()
        assert listed == [f"{TLS}/tls.{name}:400:irisadmin:irisadmin" for name in ("crt", "key")]

    def test_the_keys_stand_nowhere_else(self, private: Cluster, console: str) -> None:
        state = private.state()
        keys = {text.splitlines()[2] for text in _found(state) if "PRIVATE KEY" in text and text.startswith("-----")}
        assert private.root(f"sed -n 3p {TLS}/tls.key").strip() in keys
        assert len(keys) >= 4  # of the CA and of the hosts, each in two forms
        kept = private.written_by_pulumi() + private.stack.file.read_text()
        host = private.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
        for key in keys:
            assert key not in console + kept + host
            assert private.readable_by_others(key) == ""

    def test_the_second_update_is_empty(self, private: Cluster) -> None:
        assert private.has_no_changes()

    def test_a_certificate_is_renewed_early_and_exactly_its_services_show_it(
        self, private: Cluster, trusted: Path
    ) -> None:
        before, calls, pids = installed(private), private.calls(), private.pids()
        assert {served_at(private, page) for page in PAGES.values()} == {before[0]}
        expire_soon(private)
        preview = private.preview()
        assert set(preview.touched) == RENEWED
        update = private.deploy()
        assert set(update.touched) == RENEWED
        assert {name: count for name, count in update.changes.items() if name != "same"} == {
            "create-replacement": 1,
            "delete-replaced": 1,
            "replace": 1,
            "update": 2,
        }
        after = installed(private)
        assert (after[0] != before[0], after[1]) == (True, before[1])
        assert {served_at(private, page) for page in PAGES.values()} == {after[0]}
        assert all(verifies(private, page, trusted) for page in PAGES.values())
        assert private.stack.outputs()["certificates"]["web"] == fingerprint(private)
        assert private.calls() - calls == {"cus_init.sh": 1}
        again = private.pids()
        assert {name for name in pids if again[name] != pids[name]} == SERVED
        assert {name for name, status in private.services().items() if status != "OK"} == set()
        assert private.has_no_changes()
        assert private.pids() == again


def expire_soon(cluster: Cluster) -> None:
    """Let the certificate of the private CA be due for its early renewal, by what the state says of its end."""
    soon = datetime.now(UTC) + timedelta(days=29)
    state = cluster.state()
    (made,) = [one for one in state["deployment"]["resources"] if one["urn"].endswith(f"::{HOSTS}")]
    made["outputs"]["validityEndTime"] = soon.strftime("%Y-%m-%dT%H:%M:%SZ")
    cluster.stack.pulumi("stack", "import", input=json.dumps(state))


def served_at(cluster: Cluster, url: str) -> str:
    """Return the serial of the certificate that a TLS handshake from the operator is shown."""
    handshake = ["openssl", "s_client", "-connect", url.split("/")[2]]
    told = cluster.lab.exec(handshake, input="").stdout
    return cluster.lab.exec(["openssl", "x509", "-noout", "-serial"], input=told).stdout.strip()


def fingerprint(cluster: Cluster, host: str = "h1") -> str:
    """Return the fingerprint of the certificate that is installed."""
    return cluster.root(f"openssl x509 -in {TLS}/tls.crt -noout -fingerprint -sha256", host=host).split("=")[1].strip()


def installed(cluster: Cluster) -> tuple[str, str]:
    """Return the certificate and the digest of the key that are installed."""
    crt, digest = cluster.root(f"openssl x509 -in {TLS}/tls.crt -noout -serial; sha256sum <{TLS}/tls.key").splitlines()
    return crt, digest


def _found(value: Any) -> Iterator[str]:  # noqa: ANN401 - a state
    """Yield all texts of a state; secrets are kept as JSON."""
    match value:
        case {"plaintext": str(text), **_rest}:
            yield from _found(json.loads(text))
        case dict():
            for part in value.values():
                yield from _found(part)
        case list():
            for part in value:
                yield from _found(part)
        case str():
            yield value

"""A node with a certificate of a private CA, and its renewal; each test continues from the one before."""

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
    """Deploy the stack and return the output."""
    update = private.deploy()
    return update.output


@pytest.fixture
def trusted(private: Cluster, tmp_path: Path) -> Path:
    """Return a file with the CA's certificate from the stack's outputs."""
    file = tmp_path / "ca.pem"
    file.write_text(private.stack.outputs()["ca_certificate"])
    return file


def verifies(cluster: Cluster, url: str, trusted: Path) -> bool:
    """Return whether an operator's curl that trusts only these certificates gets a page."""
    command = ["curl", "-s", "--fail", "-o", "/dev/null", "--cacert", str(trusted), url]
    return cluster.lab.exec(command, check=False).returncode == 0


def test_a_bad_certificate_of_the_ca_is_not_installed(private: Cluster) -> None:
    file = private.stack.project / "components/tls/private_ca.py"
    text = file.read_text()
    assert "dns_names=list(spec.names)" in text
    file.write_text(text.replace("dns_names=list(spec.names)", 'dns_names=["h2.lab.internal"]'))
    update = private.up()
    file.write_text(text)
    assert update.status != 0
    line = "the private CA's certificate.crt: is not valid for h1.lab.internal, but for h2.lab.internal"
    assert line in update.output
    assert "Traceback" not in update.output
    assert private.root(f"ls {TLS} 2>/dev/null || true") == ""


@pytest.mark.usefixtures("console")
class TestARunningNode:
    """The node after an update."""

    def test_every_service_is_ok(self, private: Cluster) -> None:
        assert {name for name, status in private.services().items() if status != "OK"} == set()

    @pytest.mark.parametrize("page", PAGES)
    def test_only_clients_that_trust_the_ca_trust_the_node(
        self, private: Cluster, trusted: Path, tmp_path: Path, page: str
    ) -> None:
        other = tmp_path / "other.pem"
        other.write_text(authority("Deephaven private CA").crt)
        assert verifies(private, PAGES[page], trusted)
        assert not verifies(private, PAGES[page], other)

    def test_only_the_products_account_can_read_both_files(self, private: Cluster) -> None:
        files = private.root(f"stat -c %n:%a:%U:%G {TLS}/*").split()
        assert files == [f"{TLS}/tls.{name}:400:irisadmin:irisadmin" for name in ("crt", "key")]

    def test_the_keys_are_in_no_other_file_and_in_no_output(self, private: Cluster, console: str) -> None:
        state = private.state()
        keys = {text.splitlines()[2] for text in _texts(state) if "PRIVATE KEY" in text and text.startswith("-----")}
        assert private.root(f"sed -n 3p {TLS}/tls.key").strip() in keys
        assert len(keys) >= 4  # of the CA and of the hosts, each in two forms
        operator = private.written_by_pulumi() + private.stack.file.read_text()
        host = private.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
        for key in keys:
            assert key not in console + operator + host
            assert private.readable_by_others(key) == ""

    def test_a_second_preview_shows_no_changes(self, private: Cluster) -> None:
        assert private.has_no_changes()

    def test_a_certificate_is_renewed_early_and_only_its_services_restart_with_it(
        self, private: Cluster, trusted: Path
    ) -> None:
        before, calls, pids = installed_files(private), private.calls(), private.pids()
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
        after = installed_files(private)
        assert (after[0] != before[0], after[1]) == (True, before[1])
        assert {served_at(private, page) for page in PAGES.values()} == {after[0]}
        assert all(verifies(private, page, trusted) for page in PAGES.values())
        assert private.stack.outputs()["certificates"]["web"] == fingerprint(private)
        assert private.calls() - calls == {"cus_init.sh": 1}
        pids_after = private.pids()
        assert {name for name in pids if pids_after[name] != pids[name]} == SERVED
        assert {name for name, status in private.services().items() if status != "OK"} == set()
        assert private.has_no_changes()
        assert private.pids() == pids_after


def expire_soon(cluster: Cluster) -> None:
    """Change the expiry of the hosts' certificate in the state, so that its early renewal is due."""
    soon = datetime.now(UTC) + timedelta(days=29)
    state = cluster.state()
    (certificate,) = [item for item in state["deployment"]["resources"] if item["urn"].endswith(f"::{HOSTS}")]
    certificate["outputs"]["validityEndTime"] = soon.strftime("%Y-%m-%dT%H:%M:%SZ")
    cluster.stack.pulumi("stack", "import", input=json.dumps(state))


def served_at(cluster: Cluster, url: str) -> str:
    """Return the serial number of the certificate that a TLS handshake from the operator gets."""
    command = ["openssl", "s_client", "-connect", url.split("/")[2]]
    handshake = cluster.lab.exec(command, input="").stdout
    return cluster.lab.exec(["openssl", "x509", "-noout", "-serial"], input=handshake).stdout.strip()


def fingerprint(cluster: Cluster, host: str = "h1") -> str:
    """Return the fingerprint of the installed certificate."""
    return cluster.root(f"openssl x509 -in {TLS}/tls.crt -noout -fingerprint -sha256", host=host).split("=")[1].strip()


def installed_files(cluster: Cluster) -> tuple[str, str]:
    """Return the serial number of the installed certificate and the digest of the installed key."""
    crt, digest = cluster.root(f"openssl x509 -in {TLS}/tls.crt -noout -serial; sha256sum <{TLS}/tls.key").splitlines()
    return crt, digest


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - a state
    """Yield all strings of a state; the values of secrets are JSON."""
    match value:
        case {"plaintext": str(text), **_rest}:
            yield from _texts(json.loads(text))
        case dict():
            for part in value.values():
                yield from _texts(part)
        case list():
            for part in value:
                yield from _texts(part)
        case str():
            yield value

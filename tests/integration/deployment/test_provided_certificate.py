"""A node with a provided certificate, whose key is a secret of the stack; a bad one is refused before any change."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.deployment.test_certificates import (
    PAGES,
    RENEWED,
    SERVED,
    TLS,
    installed_files,
    served_at,
    verifies,
)
from tests.integration.deployment.test_invalid_configuration import COMMANDS, assert_refused, run
from tests.support.certificates import SignedCertificate, authority, make
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy, write_config

pytestmark = pytest.mark.lab
WHERE = "deephaven:cluster.certificate"
ROOT = authority("Root")
WEB = make("Web", ROOT, names=["*.lab.internal"])


@pytest.fixture(scope="module")
def provided(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, with the certificate's chain in a file."""
    copy = edited_copy(cluster, tmp_path_factory.mktemp("provided"), {})
    provide(copy, WEB)
    return copy


def provide(copy: Cluster, web: SignedCertificate, **options: Any) -> None:  # noqa: ANN401 - any value of a stack file
    """Declare a certificate as in the README, its chain as a file and its key as a secret."""
    (copy.stack.project / "tls.crt").write_text(web.crt + ROOT.crt)
    certificate = {"kind": "provided", "crt": {"file": "tls.crt"}, **options}
    write_config(copy, {**copy.configuration(), "certificate": certificate})
    if "key" not in certificate:
        path = "deephaven:cluster.certificate.key"
        copy.stack.pulumi("config", "set", "--secret", "--path", path, input=web.pem)


BAD = {
    "for another host": (
        make("Web", ROOT, names=["web.lab.internal"]),
        f"{WHERE}.crt: is not valid for h1.lab.internal, but for web.lab.internal; have it issued for h1.lab.internal",
    ),
    "with few days left": (
        make("Web", ROOT, names=["h1.lab.internal"], valid=(-1, 5.5)),
        f"{WHERE}.crt: is valid for 5 more days, but 14 are required; renew it, or lower minimum_days",
    ),
    "with another key": (
        SignedCertificate(WEB.certificate, ROOT.key),
        f"{WHERE}.key: does not match the hosts' certificate; provide the key of that certificate",
    ),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
@pytest.mark.parametrize("case", BAD)
def test_a_bad_certificate_is_refused(provided: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]) -> None:
    web, finding = BAD[case]
    provide(provided, web)
    refused = run(provided, command, tmp_path)
    assert_refused(refused, [finding])
    assert not [key for key in web.pem.splitlines() if key in refused.output]
    assert not (provided.lab.upper("h1") / "var/lib/deephaven-install").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_malformed_secret_is_refused_and_not_printed(
    provided: Cluster, tmp_path: Path, command: tuple[str, ...]
) -> None:
    provide(provided, WEB)
    path = "deephaven:cluster.certificate.key"
    provided.stack.pulumi("config", "rm", "--path", path)
    provided.stack.pulumi("config", "set", "--secret", "--path", f"{path}.MARKER", "MARKER")
    refused = run(provided, command, tmp_path)
    assert_refused(refused, refused.diagnostics)
    assert [line.split(";")[0] for line in refused.diagnostics] == [f"{WHERE}.key: invalid value (a mapping)"]
    assert "MARKER" not in refused.output


def test_a_secret_instead_of_the_configuration_is_refused_and_not_printed(provided: Cluster, tmp_path: Path) -> None:
    before = provided.stack.file.read_text()
    provided.stack.pulumi("config", "set", "--secret", "deephaven:cluster", "MARKER")
    refused = run(provided, COMMANDS[0], tmp_path)
    provided.stack.file.write_text(before)
    assert_refused(
        refused, ["deephaven:cluster: is not a mapping; write one with hosts, etcd, release, ssh ..., as in stacks/"]
    )
    assert "MARKER" not in refused.output


class TestARunningNode:
    """The node after an update."""

    @pytest.fixture(scope="class")
    @staticmethod
    def console(provided: Cluster) -> str:
        """Deploy the stack and return the output."""
        provide(provided, WEB)
        done = provided.stack.pulumi("up", "--yes", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def test_the_output_has_no_warning(self, console: str) -> None:
        assert "warning" not in console

    @pytest.mark.usefixtures("console")
    @pytest.mark.parametrize("page", PAGES)
    def test_clients_that_trust_the_root_trust_the_node(self, provided: Cluster, tmp_path: Path, page: str) -> None:
        (tmp_path / "root.pem").write_text(ROOT.crt)
        assert verifies(provided, PAGES[page], tmp_path / "root.pem")

    def test_the_key_is_in_no_other_file_and_in_no_output(self, provided: Cluster, console: str) -> None:
        key = WEB.pem.splitlines()[1]
        assert provided.root(f"grep -c {key} {TLS}/tls.key").strip() == "1"
        operator = provided.written_by_pulumi() + provided.stack.file.read_text()
        host = provided.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
        assert key not in console + operator + host
        assert provided.readable_by_others(key) == ""

    @pytest.mark.usefixtures("console")
    def test_a_second_preview_shows_no_changes(self, provided: Cluster) -> None:
        assert provided.has_no_changes()

    @pytest.mark.usefixtures("console")
    def test_another_certificate_is_installed_and_the_clusters_keys_are_kept(self, provided: Cluster) -> None:
        calls, pids = provided.calls(), provided.pids()
        renewed = make("Web", ROOT, names=["*.lab.internal"])
        (provided.stack.project / "tls.key").write_text(renewed.pem)
        provide(provided, renewed, key={"file": "tls.key"})
        diff = provided.stack.pulumi("preview", "--diff").stdout
        assert renewed.pem.splitlines()[1] not in diff
        update = provided.deploy()
        assert set(update.touched) == RENEWED
        assert {served_at(provided, page) for page in PAGES.values()} == {installed_files(provided)[0]}
        pids_after = provided.pids()
        assert {name for name in pids if pids_after[name] != pids[name]} == SERVED
        assert provided.root(f"cat {TLS}/tls.crt {TLS}/tls.key") == renewed.crt + ROOT.crt + renewed.pem
        assert provided.calls() - calls == {"cus_init.sh": 1}
        assert provided.has_no_changes()

"""A node with a provided certificate, its key a secret of the stack; bad ones are refused before anything happens."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.deployment.test_certificates import (
    PAGES,
    RENEWED,
    SERVED,
    TLS,
    installed,
    served_at,
    verifies,
)
from tests.integration.deployment.test_invalid_configuration import COMMANDS, check, run
from tests.support.certificates import SignedCertificate, authority, make
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy, write_config

pytestmark = pytest.mark.lab
WHERE = "deephaven:cluster.certificate"
ROOT = authority("Root")
WEB = make("Web", ROOT, names=["*.lab.internal"])


@pytest.fixture(scope="module")
def provided(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, which has the certificate's chain beside."""
    twin = edited_copy(cluster, tmp_path_factory.mktemp("provided"), {})
    give(twin, WEB)
    return twin


def give(twin: Cluster, web: SignedCertificate, **certificate: Any) -> None:  # noqa: ANN401 - what a stack file may say
    """Declare a certificate: its chain as a file, its key as a secret, as the README says."""
    (twin.stack.project / "tls.crt").write_text(web.crt + ROOT.crt)
    said = {"kind": "provided", "crt": {"file": "tls.crt"}, **certificate}
    write_config(twin, {**twin.configuration(), "certificate": said})
    if "key" not in said:
        path = "deephaven:cluster.certificate.key"
        twin.stack.pulumi("config", "set", "--secret", "--path", path, input=web.pem)


BAD = {
    "of another host": (
        make("Web", ROOT, names=["web.lab.internal"]),
        f"{WHERE}.crt: is not valid for h1.lab.internal, but for web.lab.internal; have it issued for h1.lab.internal",
    ),
    "that has few days left": (
        make("Web", ROOT, names=["h1.lab.internal"], valid=(-1, 5.5)),
        f"{WHERE}.crt: is valid for 5 more days, but 14 are required; renew it, or lower minimum_days",
    ),
    "with a key of another": (
        SignedCertificate(WEB.certificate, ROOT.key),
        f"{WHERE}.key: does not match the hosts' certificate; provide the key of that certificate",
    ),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
@pytest.mark.parametrize("case", BAD)
def test_a_certificate(provided: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]) -> None:
    web, line = BAD[case]
    give(provided, web)
    refused = run(provided, command, tmp_path)
    check(refused, [line])
    assert not [key for key in web.pem.splitlines() if key in refused.output]
    assert not (provided.lab.upper("h1") / "var/lib/deephaven-install").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_secret_of_a_wrong_shape(provided: Cluster, tmp_path: Path, command: tuple[str, ...]) -> None:
    give(provided, WEB)
    path = "deephaven:cluster.certificate.key"
    provided.stack.pulumi("config", "rm", "--path", path)
    provided.stack.pulumi("config", "set", "--secret", "--path", f"{path}.MARKER", "MARKER")
    refused = run(provided, command, tmp_path)
    check(refused, refused.told)
    assert [line.split(";")[0] for line in refused.told] == [f"{WHERE}.key: invalid value (a mapping)"]
    assert "MARKER" not in refused.output


def test_a_secret_in_the_place_of_the_whole_configuration(provided: Cluster, tmp_path: Path) -> None:
    whole = provided.stack.file.read_text()
    provided.stack.pulumi("config", "set", "--secret", "deephaven:cluster", "MARKER")
    refused = run(provided, COMMANDS[0], tmp_path)
    provided.stack.file.write_text(whole)
    check(refused, ["deephaven:cluster: is not a mapping; write hosts, etcd, release, ssh ..., as in stacks/"])
    assert "MARKER" not in refused.output


class TestARunningNode:
    """What holds after an update."""

    @pytest.fixture(scope="class")
    @staticmethod
    def console(provided: Cluster) -> str:
        """Deploy it and return what the terminal showed."""
        give(provided, WEB)
        done = provided.stack.pulumi("up", "--yes", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def test_nothing_is_warned_of(self, console: str) -> None:
        assert "warning" not in console

    @pytest.mark.usefixtures("console")
    @pytest.mark.parametrize("page", PAGES)
    def test_who_trusts_its_root_trusts(self, provided: Cluster, tmp_path: Path, page: str) -> None:
        (tmp_path / "root.pem").write_text(ROOT.crt)
        assert verifies(provided, PAGES[page], tmp_path / "root.pem")

    def test_the_key_stands_nowhere_else(self, provided: Cluster, console: str) -> None:
        key = WEB.pem.splitlines()[1]
        assert provided.root(f"grep -c {key} {TLS}/tls.key").strip() == "1"
        kept = provided.written_by_pulumi() + provided.stack.file.read_text()
        host = provided.root("cat /var/lib/deephaven-install/receipts/* /var/log/deephaven-install/*")
        assert key not in console + kept + host
        assert provided.readable_by_others(key) == ""

    @pytest.mark.usefixtures("console")
    def test_the_second_update_is_empty(self, provided: Cluster) -> None:
        assert provided.has_no_changes()

    @pytest.mark.usefixtures("console")
    def test_another_certificate_is_installed_and_no_key_is_made_again(self, provided: Cluster) -> None:
        calls, pids = provided.calls(), provided.pids()
        renewed = make("Web", ROOT, names=["*.lab.internal"])
        (provided.stack.project / "tls.key").write_text(renewed.pem)
        give(provided, renewed, key={"file": "tls.key"})
        shown = provided.stack.pulumi("preview", "--diff").stdout
        assert renewed.pem.splitlines()[1] not in shown
        update = provided.deploy()
        assert set(update.touched) == RENEWED
        assert {served_at(provided, page) for page in PAGES.values()} == {installed(provided)[0]}
        again = provided.pids()
        assert {name for name in pids if again[name] != pids[name]} == SERVED
        assert provided.root(f"cat {TLS}/tls.crt {TLS}/tls.key") == renewed.crt + ROOT.crt + renewed.pem
        assert provided.calls() - calls == {"cus_init.sh": 1}
        assert provided.has_no_changes()

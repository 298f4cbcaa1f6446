"""A compromised host, a service account or a local user can harm neither the operator nor another host.

Each test continues from the one before, on one cluster of three hosts. It asserts which steps its update runs, so that
leftovers of another test are detected, and the last one asserts that nothing is left to repair.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import Cluster, Update
from tests.support.stack_file import edited_copy, write_config
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
STACK = "production"
STATE = "/var/lib/deephaven-install"
MANIFEST = f"{STATE}/cluster.json"
ARCHIVES = "/db/TempFiles/irisadmin"
AUTH = "/etc/sysconfig/deephaven/auth"
TRUSTSTORE = f"{AUTH}/truststore-iris.pem"
KEYSTORE = f"{AUTH}/keystore.webserver.p12"
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
TRANSFER_COMMAND = re.compile(r"bash -s -- [a-z-]+   # again [0-9a-f]{16}")
STEP_COMMAND = re.compile(r"sudo -n bash -s -- [a-z-]+   # [A-Za-z0-9 ._/:,+@=-]+")
WHY = "agreed on with the team"


@pytest.fixture(scope="module")
def cluster(installed: Cluster) -> Cluster:
    """Return the installed cluster."""
    return installed


def assert_harmless(update: Update) -> None:
    """Assert that the output is printable, and that commands contain only safe characters from hosts."""
    assert not UNPRINTABLE.search(update.output)
    for step, text in update.touched.items():
        if text and "# " in text:
            assert TRANSFER_COMMAND.fullmatch(text) or STEP_COMMAND.fullmatch(text), (step, text)


def require_keys_again(cluster: Cluster, host: str) -> None:
    """Remove the receipts of a host's keys, so that the next update transfers them again."""
    cluster.root(f"rm -f {STATE}/receipts/auth.json {STATE}/transferred/auth", host=host)


@pytest.mark.parametrize("field", ["files", pytest.param("time", marks=pytest.mark.long), "host"])
def test_a_receipt_runs_no_command_on_the_operators_machine(cluster: Cluster, tmp_path: Path, field: str) -> None:
    mark = tmp_path / "owned"
    text = f"x\n touch {mark}\n\x1b[2J\u202e$(touch {mark})`touch {mark}`; touch {mark} #"
    file = f"{STATE}/receipts/auth.json"
    receipt: dict[str, Any] = json.loads(cluster.root(f"cat {file}", host="h2"))
    receipt["files"]["/missing"] = "0" * 64
    if field == "files":
        receipt["files"][f"/x{text}"] = "0" * 64
    else:
        receipt[field] = text
    before = cluster.root(f"cat {file}", host="h2")
    cluster.root(f"cat >{file} <<'X'\n{json.dumps(receipt)}\nX\n", host="h2")
    if field == "host":
        for done in (cluster.preview(), cluster.up()):
            assert_harmless(done)
            assert done.status != 0
            assert "query1 (h2.lab.internal): this machine was installed as x? touch " in done.output
        cluster.root(f"cat >{file} <<'X'\n{before}\nX\n", host="h2")
    else:
        preview, done = cluster.preview(), cluster.up()
        for update in (preview, done):
            assert_harmless(update)
            assert update.status == 0, update.output
            assert set(update.touched) == {"query1-auth"}
            assert update.reason("query1-auth")
        assert TRANSFER_COMMAND.fullmatch(preview.touched["query1-auth"])
    assert not mark.exists()


ANSWERS = {
    "a command after the digest": ("echo 'fact: digest=0; touch /root/owned'", "answered, but did not run the step"),
    "a command after a complete digest": (
        "printf 'fact: digest=%064d;touch${IFS}/root/owned\\n' 0",
        "answered, but did not run the step",
    ),
    "two digests": (
        "printf 'fact: digest=%064d\\nfact: digest=$(touch /root/owned)\\n' 0",
        "answered, but did not run the step",
    ),
    "no end": ("yes 'fact: digest=0'", "ssh from this machine to infra (h1.lab.internal) failed"),
    "another content": ("printf 'step: auth-export x\\nfact: digest=%064d\\nend: auth-export\\n' 0", "arrived damaged"),
    "escapes in an error": (
        "printf 'infra: step auth-export: \\033]0;x\\007\\033[2Jdone\\n\\342\\200\\256all well\\n' >&2; exit 1",
        "infra: step auth-export: ]0;x[2Jdone",
    ),
}


# The other cases are similar to one of these and run only with the long tests.
EACH_RUN = ("a command after the digest", "escapes in an error")


@pytest.mark.parametrize(
    "case", [case if case in EACH_RUN else pytest.param(case, marks=pytest.mark.long) for case in ANSWERS]
)
def test_an_answer_of_the_source_runs_no_command_on_the_target(cluster: Cluster, case: str) -> None:
    answer, message = ANSWERS[case]
    require_keys_again(cluster, "h2")
    hostile_bash = f'#!/bin/bash\ncase $* in *auth-export) {answer} ;; *) exec /bin/bash "$@" ;; esac\n'
    cluster.root(f"cat >/usr/local/sbin/bash <<'X'\n{hostile_bash}X\nchmod 755 /usr/local/sbin/bash")
    try:
        done = cluster.up()
    finally:
        cluster.root("rm -f /usr/local/sbin/bash")
    assert done.status != 0
    assert message in done.output
    assert_harmless(done)
    assert cluster.root("ls /root/owned 2>/dev/null || true", host="h2") == ""
    cluster.deploy()


def test_an_archive_of_another_account_reaches_no_host(cluster: Cluster) -> None:
    """The service account plants an archive in the vendor's directory on the source, and links on the target."""
    before = cluster.root(f"sha256sum <{TRUSTSTORE}", host="h2")
    plant = "mkdir -p auth; echo evil >auth/truststore-iris.pem; tar -czf {0}/iris_auth.tgz auth; rm -r auth"
    cluster.root(
        f"cd /root; {plant.format(ARCHIVES)}; chown irisadmin {ARCHIVES}/iris_auth.tgz;"
        f" touch -d tomorrow {ARCHIVES}/iris_auth.tgz"
    )
    cluster.root(
        f"echo precious >/etc/precious; cd {ARCHIVES}; for name in iris_auth.tgz iris_auth.tgz.part; do"
        " ln -s /etc/precious $name; done; chown -h irisadmin *",
        host="h2",
    )
    require_keys_again(cluster, "h2")
    done = cluster.deploy()
    assert set(done.touched) == {"query1-auth"}
    assert cluster.root("cat /etc/precious; stat -c %a:%U /etc/precious", host="h2") == "precious\n644:root\n"
    assert cluster.root(f"sha256sum <{TRUSTSTORE}", host="h2") == before


def test_an_archive_in_roots_directory_that_belongs_to_another_account_is_refused(cluster: Cluster) -> None:
    archive = f"{STATE}/archives{ARCHIVES}/iris_auth.tgz"
    cluster.root(f"chown irisadmin {archive}")
    require_keys_again(cluster, "h2")
    done = cluster.up()
    assert done.status != 0
    assert f"infra (h1.lab.internal): step auth-export: {archive} belongs to irisadmin, not to root" in done.output
    cluster.root(f"chown root {archive}")
    cluster.deploy()


def test_an_upload_directory_that_is_missing_or_has_another_owner_is_created_again(cluster: Cluster) -> None:
    for damage in ("rm -rf", "chown nobody"):
        cluster.root(f"{damage} /var/lib/deephaven-upload", host="h3")
        done = cluster.deploy()
        assert set(done.touched) == {"query2-host"}
        assert cluster.root("stat -c %U:%a /var/lib/deephaven-upload", host="h3") == "centos:700\n"


def test_a_renewed_certificate_is_not_written_through_links(cluster: Cluster) -> None:
    """The service account owns the directory, so it can create links with the names of root's files."""
    cluster.root(
        f"echo precious >/etc/precious; ln -s /etc/precious {KEYSTORE}.new; chown -h irisadmin {KEYSTORE}.new;"
        " cd /etc/deephaven/cus-tls; rm tls.key; ln -s /etc/precious tls.key; chown -h irisadmin tls.key"
    )
    files = f"{KEYSTORE} /etc/deephaven/cus-tls/tls.crt"
    owners = cluster.root(f"stat -c %F:%a:%U:%G {files}")
    write_config(cluster, changed(cluster.configuration(), {"certificate": {"organization": "Another"}}))
    done = cluster.deploy()
    assert "infra-certificate-renewed" in done.touched
    assert cluster.root("cat /etc/precious; stat -c %a:%U /etc/precious") == "precious\n644:root\n"
    assert cluster.root(f"stat -c %F:%a:%U:%G {files}") == owners
    key = cluster.root("stat -c %F:%a:%U:%G /etc/deephaven/cus-tls/tls.key")
    assert key == "regular file:400:irisadmin:irisadmin\n"
    assert {name for name, status in cluster.services().items() if status != "OK"} == set()


class TestTheClusterManifest:
    """It counts only on the hosts that the stack file declares as configuration servers."""

    @pytest.fixture(autouse=True)
    def _restored(self, cluster: Cluster) -> Iterator[None]:
        text = cluster.root(f"cat {MANIFEST}")
        yield
        cluster.root(f"cat >{MANIFEST} <<'X'\n{text}X\n")
        cluster.root(f"rm -f {MANIFEST}", host="h2")

    def test_a_newer_manifest_on_another_host_permits_nothing(self, cluster: Cluster, tmp_path: Path) -> None:
        forged = cluster.root(f"cat {MANIFEST}").replace('"infra", "query1", "query2"', '"infra"')
        forged = re.sub('"written": "[^"]*"', '"written": "2099-01-01T00:00:00Z"', forged)
        cluster.root(f"cat >{MANIFEST} <<'X'\n{forged}X\n", host="h2")
        fewer = edited_copy(cluster, tmp_path, {"environment": "test", "etcd": ["infra"]})
        for done in (fewer.preview(), fewer.up()):
            assert done.status != 0
            assert "etcd: the members are [infra, query1, query2], declared are [infra];" in done.output

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (f": >{MANIFEST}", f"the cluster manifest {MANIFEST} cannot be read (Invalid JSON: EOF"),
            (
                f"""sed -i 's/"state": ."/"state": 5, "x": ["/' {MANIFEST}""",
                f"the cluster manifest {MANIFEST} cannot be read (cluster.hosts.infra.state: ",
            ),
            (f"rm {MANIFEST}", f"the cluster was installed, and its manifest {MANIFEST} is missing"),
        ],
    )
    def test_an_update_without_a_usable_manifest_is_refused(self, cluster: Cluster, damage: str, message: str) -> None:
        cluster.root(damage)
        preview, done = cluster.preview(), cluster.up()
        assert preview.status == 0, preview.output
        assert done.status != 0
        assert done.touched == {}
        for update in (preview, done):
            assert f"infra (h1.lab.internal): {message}" in update.output
            assert "allow: [{refusal: manifest, host: infra, reason: WHY}]" in update.output

    def test_an_update_is_refused_while_the_configuration_server_is_unreachable(self, cluster: Cluster) -> None:
        cluster.lab.partition("h1")
        try:
            preview, done = cluster.preview(), cluster.up()
        finally:
            cluster.lab.heal("h1")
        assert preview.status == 0, preview.output
        assert done.status != 0
        assert done.touched == {}
        assert "infra (h1.lab.internal): the host cannot be read, and no other configuration server has" in done.output


def test_the_stack_can_allow_an_update_without_a_manifest(cluster: Cluster, tmp_path: Path) -> None:
    cluster.root(f"rm {MANIFEST}")
    change = {"allow": [{"refusal": "manifest", "host": "infra", "reason": WHY}]}
    done = edited_copy(cluster, tmp_path, change).up()
    assert done.status == 0, done.output
    assert set(done.touched) == {"infra-manifest"}
    assert '"state": "complete"' in cluster.root(f"cat {MANIFEST}")


def test_an_update_after_all_attacks_does_nothing(cluster: Cluster) -> None:
    assert set(cluster.deploy().touched) == set()
    assert cluster.converged()

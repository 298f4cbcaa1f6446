"""What a broken-into host, a service account and a local user can do: nothing to the operator or to another host.

The tests follow one another on one cluster of three hosts. Each names the steps that its update runs, so that nothing
which one of them leaves behind passes unseen, and the last one finds the cluster whole.
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
RECORD = f"{STATE}/cluster.json"
ARCHIVES = "/db/TempFiles/irisadmin"
AUTH = "/etc/sysconfig/deephaven/auth"
TRUSTSTORE = f"{AUTH}/truststore-iris.pem"
KEYSTORE = f"{AUTH}/keystore.webserver.p12"
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
TOKEN = re.compile(r"bash -s -- [a-z-]+   # again [0-9a-f]{16}")
REMARK = re.compile(r"sudo -n bash -s -- [a-z-]+   # [A-Za-z0-9 ._/:,+@=-]+")
WHY = "agreed on with the team"


@pytest.fixture(scope="module")
def cluster(installed: Cluster) -> Cluster:
    """Return the cluster."""
    return installed


def harmless(update: Update) -> None:
    """Hold that nothing of what hosts sent reached a command, or the terminal as anything but printable text."""
    assert not UNPRINTABLE.search(update.output)
    for step, text in update.touched.items():
        if text and "# " in text:
            assert TOKEN.fullmatch(text) or REMARK.fullmatch(text), (step, text)


def lose_keys(cluster: Cluster, host: str) -> None:
    """Make the transfer of the cluster's keys to a host necessary again."""
    cluster.root(f"rm -f {STATE}/receipts/auth.json {STATE}/transferred/auth", host=host)


@pytest.mark.parametrize("field", ["files", pytest.param("time", marks=pytest.mark.long), "host"])
def test_a_receipt_runs_nothing_beside_the_operator(cluster: Cluster, tmp_path: Path, field: str) -> None:
    mark = tmp_path / "owned"
    text = f"x\n touch {mark}\n\x1b[2J\u202e$(touch {mark})`touch {mark}`; touch {mark} #"
    receipt = f"{STATE}/receipts/auth.json"
    found: dict[str, Any] = json.loads(cluster.root(f"cat {receipt}", host="h2"))
    found["files"]["/gone"] = "0" * 64
    if field == "files":
        found["files"][f"/x{text}"] = "0" * 64
    else:
        found[field] = text
    before = cluster.root(f"cat {receipt}", host="h2")
    cluster.root(f"cat >{receipt} <<'X'\n{json.dumps(found)}\nX\n", host="h2")
    if field == "host":
        for done in (cluster.preview(), cluster.up()):
            harmless(done)
            assert done.status != 0
            assert "query1 (h2.lab.internal): this machine was installed as x? touch " in done.output
        cluster.root(f"cat >{receipt} <<'X'\n{before}\nX\n", host="h2")
    else:
        preview, done = cluster.preview(), cluster.up()
        for update in (preview, done):
            harmless(update)
            assert update.status == 0, update.output
            assert set(update.touched) == {"query1-auth"}
            assert update.reason("query1-auth")
        assert TOKEN.fullmatch(preview.touched["query1-auth"])
    assert not mark.exists()


LIES = {
    "a command behind the digest": ("echo 'fact: digest=0; touch /root/owned'", "did not report the digest"),
    "a command behind a whole digest": (
        "printf 'fact: digest=%064d;touch${IFS}/root/owned\\n' 0",
        "did not report the digest",
    ),
    "two digests": (
        "printf 'fact: digest=%064d\\nfact: digest=$(touch /root/owned)\\n' 0",
        "did not report the digest",
    ),
    "no end": ("yes 'fact: digest=0'", "ssh from this machine to infra (h1.lab.internal) failed"),
    "another content": ("printf 'fact: digest=%064d\\n' 0", "arrived damaged"),
    "escapes in an error": (
        "printf 'infra: step auth-export: \\033]0;x\\007\\033[2Jdone\\n\\342\\200\\256all well\\n' >&2; exit 1",
        "infra: step auth-export: ]0;x[2Jdone",
    ),
}


# What only repeats another one in other words runs with what takes long.
OFTEN = ("a command behind the digest", "escapes in an error")


@pytest.mark.parametrize("lie", [lie if lie in OFTEN else pytest.param(lie, marks=pytest.mark.long) for lie in LIES])
def test_what_a_source_says_of_a_file_runs_nothing_on_the_target(cluster: Cluster, lie: str) -> None:
    answer, says = LIES[lie]
    lose_keys(cluster, "h2")
    evil = f'#!/bin/bash\ncase $* in *auth-export) {answer} ;; *) exec /bin/bash "$@" ;; esac\n'
    cluster.root(f"cat >/usr/local/sbin/bash <<'X'\n{evil}X\nchmod 755 /usr/local/sbin/bash")
    try:
        done = cluster.up()
    finally:
        cluster.root("rm -f /usr/local/sbin/bash")
    assert done.status != 0
    assert says in done.output
    harmless(done)
    assert cluster.root("ls /root/owned 2>/dev/null || true", host="h2") == ""
    cluster.deploy()


def test_an_archive_of_another_account_reaches_no_host(cluster: Cluster) -> None:
    """Neither one that the service account put where the vendor packs, nor a link that it planted on the target."""
    before = cluster.root(f"sha256sum <{TRUSTSTORE}", host="h2")
    planted = "mkdir -p auth; echo evil >auth/truststore-iris.pem; tar -czf {0}/iris_auth.tgz auth; rm -r auth"
    cluster.root(
        f"cd /root; {planted.format(ARCHIVES)}; chown irisadmin {ARCHIVES}/iris_auth.tgz;"
        f" touch -d tomorrow {ARCHIVES}/iris_auth.tgz"
    )
    cluster.root(
        f"echo precious >/etc/precious; cd {ARCHIVES}; for name in iris_auth.tgz iris_auth.tgz.part; do"
        " ln -s /etc/precious $name; done; chown -h irisadmin *",
        host="h2",
    )
    lose_keys(cluster, "h2")
    done = cluster.deploy()
    assert set(done.touched) == {"query1-auth"}
    assert cluster.root("cat /etc/precious; stat -c %a:%U /etc/precious", host="h2") == "precious\n644:root\n"
    assert cluster.root(f"sha256sum <{TRUSTSTORE}", host="h2") == before


def test_an_archive_that_was_exchanged_where_root_keeps_it_is_refused_by_name(cluster: Cluster) -> None:
    kept = f"{STATE}/archives{ARCHIVES}/iris_auth.tgz"
    cluster.root(f"chown irisadmin {kept}")
    lose_keys(cluster, "h2")
    done = cluster.up()
    assert done.status != 0
    assert f"infra (h1.lab.internal): step auth-export: {kept} belongs to irisadmin, not to root" in done.output
    cluster.root(f"chown root {kept}")
    cluster.deploy()


def test_an_upload_directory_that_is_gone_or_another_accounts_is_made_again(cluster: Cluster) -> None:
    for damage in ("rm -rf", "chown nobody"):
        cluster.root(f"{damage} /var/lib/deephaven-upload", host="h3")
        done = cluster.deploy()
        assert set(done.touched) == {"query2-host"}
        assert cluster.root("stat -c %U:%a /var/lib/deephaven-upload", host="h3") == "centos:700\n"


def test_a_renewed_certificate_is_written_through_no_link(cluster: Cluster) -> None:
    """The service account owns the directory, so it may put links there under names that root would write to."""
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


class TestTheRecord:
    """It counts only from the hosts that the stack file declares as configuration servers."""

    @pytest.fixture(autouse=True)
    def _restored(self, cluster: Cluster) -> Iterator[None]:
        text = cluster.root(f"cat {RECORD}")
        yield
        cluster.root(f"cat >{RECORD} <<'X'\n{text}X\n")
        cluster.root(f"rm -f {RECORD}", host="h2")

    def test_a_later_one_of_another_host_lifts_no_refusal(self, cluster: Cluster, tmp_path: Path) -> None:
        forged = cluster.root(f"cat {RECORD}").replace('"infra", "query1", "query2"', '"infra"')
        forged = re.sub('"written": "[^"]*"', '"written": "2099-01-01T00:00:00Z"', forged)
        cluster.root(f"cat >{RECORD} <<'X'\n{forged}X\n", host="h2")
        fewer = edited_copy(cluster, tmp_path, {"environment": "test", "etcd": ["infra"]})
        for done in (fewer.preview(), fewer.up()):
            assert done.status != 0
            assert "etcd: the members are [infra, query1, query2], declared are [infra];" in done.output

    @pytest.mark.parametrize(
        ("damage", "says"),
        [
            (f": >{RECORD}", f"the cluster manifest {RECORD} cannot be read (Invalid JSON: EOF"),
            (
                f"""sed -i 's/"state": ."/"state": 5, "x": ["/' {RECORD}""",
                f"the cluster manifest {RECORD} cannot be read (cluster.hosts.infra.state: ",
            ),
            (f"rm {RECORD}", f"the cluster was installed, and its manifest {RECORD} is missing"),
        ],
    )
    def test_without_one_an_update_is_refused(self, cluster: Cluster, damage: str, says: str) -> None:
        cluster.root(damage)
        preview, done = cluster.preview(), cluster.up()
        assert preview.status == 0, preview.output
        assert done.status != 0
        assert done.touched == {}
        for update in (preview, done):
            assert f"infra (h1.lab.internal): {says}" in update.output
            assert "allow: [{refusal: manifest, host: infra, reason: WHY}]" in update.output

    def test_a_configuration_server_that_does_not_answer_refuses_an_update(self, cluster: Cluster) -> None:
        cluster.lab.partition("h1")
        try:
            preview, done = cluster.preview(), cluster.up()
        finally:
            cluster.lab.heal("h1")
        assert preview.status == 0, preview.output
        assert done.status != 0
        assert done.touched == {}
        assert "infra (h1.lab.internal): the host cannot be read, and no other configuration server has" in done.output


def test_the_stack_may_say_to_go_on_without_a_record(cluster: Cluster, tmp_path: Path) -> None:
    cluster.root(f"rm {RECORD}")
    allowed = {"allow": [{"refusal": "manifest", "host": "infra", "reason": WHY}]}
    done = edited_copy(cluster, tmp_path, allowed).up()
    assert done.status == 0, done.output
    assert set(done.touched) == {"infra-manifest"}
    assert '"state": "complete"' in cluster.root(f"cat {RECORD}")


def test_after_all_of_it_nothing_is_left_to_do(cluster: Cluster) -> None:
    assert set(cluster.deploy().touched) == set()
    assert cluster.converged()

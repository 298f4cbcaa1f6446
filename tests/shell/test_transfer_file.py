"""Tests of transfers: a file is copied from host to host through the operator's ssh, and each failure is reported."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from components.installation import Phase, Row
from components.steps import transfer
from components.steps.connection import Endpoint, pinned
from components.steps.model import FileTransfer
from components.steps.script import render_transfer
from components.topology.cluster import Node
from lab.hosts import Lab
from tests.support.runtime import INSTALL, answered

pytestmark = pytest.mark.lab
HOSTS = 2
SOURCE = Node("infra", "h1.lab.internal", "10.77.0.11", ())
TARGET = Node("query", "h2.lab.internal", "10.77.0.12", ())
FILE = "/opt/transferred/archive.tgz"
# Prints without end instead of a step's output, slowly enough not to reach any other limit.
ENDLESS = '#!/bin/bash\ncase $* in *-export) while :; do echo more; sleep 0.2; done ;; *) exec /bin/bash "$@" ;; esac\n'
ROW = Row("auth", "-", "-", Phase.DISTRIBUTION, "steps/scripts/place-file.sh")
TEXT = "a private key, for instance\n"
TRANSFER = transfer.plain(ROW, source=SOURCE, target=TARGET, file=FILE, owners=["root"], mode="0400", after=())


@pytest.fixture(autouse=True)
def fresh(lab: Lab) -> None:
    """Put the file on the source and remove everything from the target."""
    for host in ("h1", "h2"):
        lab.shell(host, f"rm -rf /opt/transferred /var/lib/deephaven-install\nmkdir -p /opt/transferred\n{INSTALL}")
    lab.ssh("h1", f"sudo tee {FILE} >/dev/null", input=TEXT)


@pytest.fixture
def directory() -> Iterator[Path]:
    """Return a temporary directory of the operator's with a name of usual length."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


def endpoint(lab: Lab, node: Node, host_key: str | None = None) -> Endpoint:
    file = lab.state / "keys/known_hosts"
    lines = lab.exec(["ssh-keygen", "-F", node.fqdn, "-f", lab.env["DEEPHAVEN_KNOWN_HOSTS"]]).stdout.splitlines()
    return Endpoint(node.fqdn, 22, "centos", host_key or pinned(lines, node.fqdn, file))


def run(
    lab: Lab,
    file_transfer: FileTransfer = TRANSFER,
    *,
    source: Endpoint | None = None,
    bastion: Endpoint | None = None,
    most: Mapping[str, int] | None = None,
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run a transfer; `most` replaces some of its limits."""
    ends = {"source": source or endpoint(lab, SOURCE), "target": endpoint(lab, TARGET)}
    through = bastion.words() if bastion else ()
    text = render_transfer(file_transfer, **{side: end.words() for side, end in ends.items()}, bastion=through)
    for what, limit in (most or {}).items():
        text = re.sub(f"^most_{what}=[0-9]+$", f"most_{what}={limit}", text, count=1, flags=re.MULTILINE)
    return lab.exec(["bash", "-s", "--", "auth"], input=text, check=False, env=env)


def reported(result: subprocess.CompletedProcess[str]) -> str:
    """Return what the import on the target reports."""
    return answered(TRANSFER.import_, result.stdout)


def test_the_file_arrives_complete_and_a_second_run_changes_nothing(lab: Lab) -> None:
    assert reported(run(lab)) == f"changed: {FILE} placed\n"
    assert lab.ssh("h2", f"sudo cat {FILE}").stdout == TEXT
    assert lab.ssh("h2", f"sudo stat -c %a {FILE}").stdout == "400\n"
    assert reported(run(lab)) == "unchanged\n"


def test_both_hosts_are_reached_through_the_bastion(lab: Lab) -> None:
    accepted = "journalctl -u ssh -o cat | grep -c 'Accepted .* from 10.77.0.12' || true"
    before = int(lab.ssh("h1", "sudo bash -s", input=accepted).stdout)
    assert reported(run(lab, bastion=endpoint(lab, TARGET))) == f"changed: {FILE} placed\n"
    assert int(lab.ssh("h1", "sudo bash -s", input=accepted).stdout) > before


def test_the_content_is_neither_stored_on_the_operators_machine_nor_printed(lab: Lab, directory: Path) -> None:
    result = run(lab, TMPDIR=str(directory))
    assert result.returncode == 0, result.stderr
    assert not list(directory.iterdir())
    assert TEXT.strip() not in result.stdout + result.stderr


def test_a_long_temporary_directory_does_not_break_the_transfer(lab: Lab, directory: Path) -> None:
    """The path of a socket is limited to about a hundred characters."""
    deep = directory / ("x" * 90)
    deep.mkdir()
    result = run(lab, TMPDIR=str(deep))
    assert reported(result) == f"changed: {FILE} placed\n", result.stderr


def test_the_source_reports_a_missing_file(lab: Lab) -> None:
    lab.ssh("h1", f"sudo rm {FILE}")
    result = run(lab)
    assert result.returncode == 1
    assert result.stderr.startswith(
        f"infra (h1.lab.internal): step auth-export: {FILE} is missing, but other hosts need it\n  what to do: "
    )


def test_a_wrong_host_key_is_refused_and_nothing_is_sent(lab: Lab) -> None:
    other = endpoint(lab, TARGET).host_key
    result = run(lab, source=endpoint(lab, SOURCE, host_key=other))
    assert result.returncode == 1
    message = "query (h2.lab.internal): step auth: ssh from this machine to infra (h1.lab.internal) failed"
    assert message in result.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""


def test_a_missing_agent_is_reported(lab: Lab) -> None:
    result = run(lab, SSH_AUTH_SOCK="/nowhere")
    assert result.returncode == 1
    assert "failed" in result.stderr
    assert "ssh-add -l" in result.stderr


def test_an_unreachable_target_is_reported_and_receives_nothing(lab: Lab) -> None:
    lab.partition("h2")
    try:
        result = run(lab)
    finally:
        lab.heal("h2")
    assert result.returncode == 1
    assert "ssh from this machine to query (h2.lab.internal) failed" in result.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""


def test_the_time_limit_ends_a_transfer_from_a_host_that_prints_without_end(lab: Lab, directory: Path) -> None:
    lab.ssh("h1", "sudo tee /usr/local/sbin/bash >/dev/null && sudo chmod 755 /usr/local/sbin/bash", input=ENDLESS)
    start = time.monotonic()
    try:
        result = run(lab, most={"seconds": 3}, TMPDIR=str(directory))
    finally:
        lab.ssh("h1", "sudo rm /usr/local/sbin/bash")
    assert time.monotonic() - start < 15
    assert result.returncode == 1
    assert "query (h2.lab.internal): step auth: exceeded its time limit of 3 s\n  what to do: " in result.stderr
    assert not list(directory.iterdir())


def test_a_file_that_exceeds_the_size_limit_is_refused(lab: Lab) -> None:
    result = run(lab, most={"bytes": len(TEXT) - 1})
    assert result.returncode == 1
    assert f"query (h2.lab.internal): step auth: {FILE} arrived damaged" in result.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""
    assert reported(run(lab, most={"bytes": len(TEXT)})) == f"changed: {FILE} placed\n"


def test_ssh_receives_no_pulumi_variables(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ssh").write_text(f'#!/bin/sh\nenv >>{folder}/seen\nexec /usr/bin/ssh "$@"\n')
        (Path(folder) / "ssh").chmod(0o755)
        path = f"{folder}:{lab.env.get('PATH', os.environ['PATH'])}"
        assert run(lab, PATH=path, PULUMI_CONFIG="a secret", PULUMI_BACKEND_URL="another").returncode == 0
        seen = (Path(folder) / "seen").read_text()
    assert "SSH_AUTH_SOCK=" in seen
    assert "PULUMI_" not in seen


def test_what_login_shells_print_does_not_damage_a_binary_file(lab: Lab) -> None:
    lab.shell("h1", f"head -c 200000 /dev/urandom >{FILE}")
    greeting = "sed -i '1i echo Welcome to $HOSTNAME; echo Careful >&2' ~centos/.bashrc"
    for host in ("h1", "h2"):
        lab.shell(host, greeting)
    try:
        assert lab.ssh("h1", "true").stdout.startswith("Welcome to h1")
        assert reported(run(lab)) == f"changed: {FILE} placed\n"
    finally:
        for host in ("h1", "h2"):
            lab.shell(host, "sed -i 1d ~centos/.bashrc")
    digests = {lab.shell(host, f"sha256sum <{FILE}").stdout for host in ("h1", "h2")}
    assert len(digests) == 1

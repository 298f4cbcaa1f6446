"""The relay: a file goes from host to host through the operator's ssh, and each thing that can go wrong is told."""

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

pytestmark = pytest.mark.lab
HOSTS = 2
SOURCE = Node("infra", "h1.lab.internal", "10.77.0.11", ())
TARGET = Node("query", "h2.lab.internal", "10.77.0.12", ())
FILE = "/opt/transferred/archive.tgz"
# Answers a step without end, slowly enough for every other limit.
ENDLESS = '#!/bin/bash\ncase $* in *-export) while :; do echo more; sleep 0.2; done ;; *) exec /bin/bash "$@" ;; esac\n'
ROW = Row("auth", "-", "-", Phase.DISTRIBUTION, "steps/scripts/place-file.sh")
TEXT = "a private key, for instance\n"
TRANSFER = transfer.plain(ROW, source=SOURCE, target=TARGET, file=FILE, owners=["root"], mode="0400", after=())


@pytest.fixture(autouse=True)
def fresh(lab: Lab) -> None:
    """Put the file on the source and nothing on the target."""
    for host in ("h1", "h2"):
        lab.ssh(host, "sudo rm -rf /opt/transferred /var/lib/deephaven-install && sudo mkdir -p /opt/transferred")
    lab.ssh("h1", f"sudo tee {FILE} >/dev/null", input=TEXT)


@pytest.fixture
def directory() -> Iterator[Path]:
    """Return a temporary directory of the operator, whose name is as short as usual."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield Path(made)


def endpoint(lab: Lab, node: Node, host_key: str | None = None) -> Endpoint:
    file = lab.state / "keys/known_hosts"
    lines = lab.exec(["ssh-keygen", "-F", node.fqdn, "-f", lab.env["DEEPHAVEN_KNOWN_HOSTS"]]).stdout.splitlines()
    return Endpoint(node.fqdn, 22, "centos", host_key or pinned(lines, node.fqdn, file))


def run(
    lab: Lab,
    relay: FileTransfer = TRANSFER,
    *,
    source: Endpoint | None = None,
    bastion: Endpoint | None = None,
    most: Mapping[str, int] | None = None,
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run a relay, with other limits where `most` has some."""
    words = {"source": source or endpoint(lab, SOURCE), "target": endpoint(lab, TARGET)}
    through = bastion.words() if bastion else ()
    text = render_transfer(relay, **{side: found.words() for side, found in words.items()}, bastion=through)
    for what, limit in (most or {}).items():
        text = re.sub(f"^most_{what}=[0-9]+$", f"most_{what}={limit}", text, count=1, flags=re.MULTILINE)
    return lab.exec(["bash", "-s", "--", "auth"], input=text, check=False, env=env)


def test_the_file_arrives_whole_and_a_second_run_changes_nothing(lab: Lab) -> None:
    assert run(lab).stdout == f"changed: {FILE} placed\n"
    assert lab.ssh("h2", f"sudo cat {FILE}").stdout == TEXT
    assert lab.ssh("h2", f"sudo stat -c %a {FILE}").stdout == "400\n"
    assert run(lab).stdout == "unchanged\n"


def test_a_bastion_is_the_way_to_both_hosts(lab: Lab) -> None:
    accepted = "journalctl -u ssh -o cat | grep -c 'Accepted .* from 10.77.0.12' || true"
    before = int(lab.ssh("h1", "sudo bash -s", input=accepted).stdout)
    assert run(lab, bastion=endpoint(lab, TARGET)).stdout == f"changed: {FILE} placed\n"
    assert int(lab.ssh("h1", "sudo bash -s", input=accepted).stdout) > before


def test_nothing_is_kept_beside_the_operator_or_said_of_the_content(lab: Lab, directory: Path) -> None:
    done = run(lab, TMPDIR=str(directory))
    assert done.returncode == 0, done.stderr
    assert not list(directory.iterdir())
    assert TEXT.strip() not in done.stdout + done.stderr


def test_a_long_name_of_the_operators_temporary_directory_does_not_matter(lab: Lab, directory: Path) -> None:
    """A socket's name has a hundred characters at most."""
    deep = directory / ("x" * 90)
    deep.mkdir()
    done = run(lab, TMPDIR=str(deep))
    assert done.stdout == f"changed: {FILE} placed\n", done.stderr


def test_a_missing_file_is_told_by_the_host_that_should_have_it(lab: Lab) -> None:
    lab.ssh("h1", f"sudo rm {FILE}")
    done = run(lab)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"infra (h1.lab.internal): step auth-export: {FILE} is missing, but other hosts need it\n  what to do: "
    )


def test_a_key_that_does_not_fit_is_refused_and_nothing_is_sent(lab: Lab) -> None:
    other = endpoint(lab, TARGET).host_key
    done = run(lab, source=endpoint(lab, SOURCE, host_key=other))
    assert done.returncode == 1
    assert "query (h2.lab.internal): step auth: ssh from this machine to infra (h1.lab.internal) failed" in done.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""


def test_an_agent_without_the_key_is_told(lab: Lab) -> None:
    done = run(lab, SSH_AUTH_SOCK="/nowhere")
    assert done.returncode == 1
    assert "failed" in done.stderr
    assert "ssh-add -l" in done.stderr


def test_what_is_sent_over_a_host_that_goes_away_is_not_taken(lab: Lab) -> None:
    lab.partition("h2")
    try:
        done = run(lab)
    finally:
        lab.heal("h2")
    assert done.returncode == 1
    assert "ssh from this machine to query (h2.lab.internal) failed" in done.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""


def test_a_host_that_never_ends_is_ended_with_all_that_was_started_here(lab: Lab, directory: Path) -> None:
    lab.ssh("h1", "sudo tee /usr/local/sbin/bash >/dev/null && sudo chmod 755 /usr/local/sbin/bash", input=ENDLESS)
    began = time.monotonic()
    try:
        done = run(lab, most={"seconds": 3}, TMPDIR=str(directory))
    finally:
        lab.ssh("h1", "sudo rm /usr/local/sbin/bash")
    assert time.monotonic() - began < 15
    assert done.returncode == 1
    assert "query (h2.lab.internal): step auth: exceeded its time limit of 3 s\n  what to do: " in done.stderr
    assert not list(directory.iterdir())


def test_more_than_the_limit_of_bytes_is_not_taken(lab: Lab) -> None:
    done = run(lab, most={"bytes": len(TEXT) - 1})
    assert done.returncode == 1
    assert f"query (h2.lab.internal): step auth: {FILE} arrived damaged" in done.stderr
    assert lab.ssh("h2", "sudo ls /opt/transferred").stdout == ""
    assert run(lab, most={"bytes": len(TEXT)}).stdout == f"changed: {FILE} placed\n"


def test_no_variable_of_pulumis_reaches_ssh(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ssh").write_text(f'#!/bin/sh\nenv >>{folder}/seen\nexec /usr/bin/ssh "$@"\n')
        (Path(folder) / "ssh").chmod(0o755)
        path = f"{folder}:{lab.env.get('PATH', os.environ['PATH'])}"
        assert run(lab, PATH=path, PULUMI_CONFIG="a secret", PULUMI_BACKEND_URL="another").returncode == 0
        seen = (Path(folder) / "seen").read_text()
    assert "SSH_AUTH_SOCK=" in seen
    assert "PULUMI_" not in seen

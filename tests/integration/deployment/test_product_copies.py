"""The product's RPM as a file: copied to all hosts in parallel, and to a machine that replaces another one."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.hosts import Lab
from lab.hosts.names import first_hosts
from tests.integration.deployment.sources import (
    BUILDS,
    DECLARED,
    INSTALLED,
    PREPARED,
    STAGING,
    UPLOAD,
    failed_output,
    installed_product,
    staged,
)
from tests.support.cluster import Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stack_file import edited_copy, write_config
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
HOSTS = TEN = 10
LAB = "copies"
ACCOUNTS = {name: {"uid": 9000 + n, "gid": 9000 + n} for n, name in enumerate(("irisadmin", "dbquery", "dbmerge"))}
DIGEST = hashlib.sha256((BUILDS / DECLARED).read_bytes()).hexdigest()
LARGE = 80_000_000  # bytes; each copy takes about as long as the engine needs to begin all copies


@dataclass(frozen=True)
class CopyTimes:
    """When a file was created and last written, in seconds of the clock that all lab hosts share."""

    begin: float
    end: float


def queries(*numbers: int) -> dict[str, Any]:
    """Return declarations of query hosts by the numbers of the lab hosts."""
    hosts = [host for host in first_hosts(max(numbers)) if host.number in numbers]
    return {f"query{host.number}": {"fqdn": host.fqdn, "ip": host.address, "roles": ["query"]} for host in hosts}


@pytest.mark.long
def test_the_file_is_copied_to_ten_hosts_in_parallel(lab: Lab, tmp_path: Path) -> None:
    change = {"release": {"rpm": {"file": "large.rpm"}}, "hosts": queries(*range(2, TEN + 1))}
    cluster = edited_copy(bare_stack(lab, "test"), tmp_path, change)
    content = os.urandom(LARGE)
    (tmp_path / "large.rpm").write_bytes(content)
    parents = ["--target=**::deephaven", "--target=**::deephaven-hosts"]
    cluster.deploy(*parents, "--target=**-host")
    # one copy per host at the same time; the engine's default is four per processor of its machine
    copied = cluster.deploy(*parents, "--target=**-host", "--target=**-rpm", f"--parallel={TEN}")
    assert copied.changes["create"] == TEN
    copies = []
    for host in cluster.hosts().values():
        digest = cluster.root(f"cat {UPLOAD}/*.rpm | sha256sum", host=host).split()[0]
        assert digest == hashlib.sha256(content).hexdigest()
        begin, end = cluster.root(f"stat -c '%.W %.Y' {UPLOAD}/*.rpm", host=host).split()
        copies.append(CopyTimes(float(begin), float(end)))
    # with few processors, the first copy may end before the last begins
    assert max(sum(copy.begin <= last.begin < copy.end for copy in copies) for last in copies) > TEN // 2


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of two hosts with the product, in a lab of four."""
    change = {"hosts": {"query": queries(2)["query2"]}, "accounts": ACCOUNTS}
    with temporary_lab(lab_name("moved")) as lab:
        cluster = edited_copy(bare_stack(lab, "test"), tmp_path_factory.mktemp("moved"), change)
        lab.up(4)
        cluster.deploy(*PREPARED)
        yield cluster


def move(cluster: Cluster, change: dict[str, Any]) -> None:
    """Change the query host's machine or address in the stack file."""
    write_config(cluster, changed(cluster.configuration(), {"hosts": {"query": change}}))


def test_the_same_machine_at_another_address_keeps_its_installation(moved: Cluster) -> None:
    query = "rpm -q --qf '%{INSTALLTIME}' illumon-db"
    moved.root(f"rm {STAGING}/*.rpm", host="h2")
    before = moved.root(query, host="h2")
    move(moved, {"ssh": {"address": "10.77.0.12"}})
    moved.deploy(*PREPARED)
    assert moved.root(query, host="h2") == before
    moved.deploy(*PREPARED, "--expect-no-changes")


def test_a_replacement_machine_gets_the_file_and_the_product(moved: Cluster) -> None:
    move(moved, {"fqdn": "h3.lab.internal", "ip": "10.77.0.13", "ssh": {"address": "h3.lab.internal"}})
    moved.deploy(*PREPARED)
    assert installed_product(moved, "h3") == INSTALLED
    assert [*staged(moved, "h3").values()] == [DIGEST]
    moved.deploy(*PREPARED, "--expect-no-changes")


def test_without_facts_a_replacement_machine_fails_until_the_file_is_uploaded_again(moved: Cluster) -> None:
    move(moved, {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "ssh": {"address": "h4.lab.internal"}})
    write_config(moved, {**moved.configuration(), "facts": "off"})
    output = failed_output(moved, *PREPARED)
    assert f"query (h4.lab.internal): step product: the product's RPM is missing: {UPLOAD} has none" in output
    assert "what to do: upload it again: pulumi up --replace '**-query-rpm'" in output
    assert "not installed" in installed_product(moved, "h4")
    moved.deploy(*PREPARED, "--replace=**-query-rpm")
    assert installed_product(moved, "h4") == INSTALLED
    assert [*staged(moved, "h4").values()] == [DIGEST]

"""The product's RPM as a file: copied to all hosts at once, and to a machine that takes another one's place."""

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
    product,
    refused,
    staged,
)
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy, write_config
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
HOSTS = TEN = 10
LAB = "copies"
ACCOUNTS = {name: {"uid": 9000 + n, "gid": 9000 + n} for n, name in enumerate(("irisadmin", "dbquery", "dbmerge"))}
DIGEST = hashlib.sha256((BUILDS / DECLARED).read_bytes()).hexdigest()
LARGE = 80_000_000  # bytes; each copy lasts about as long as it takes until the last one has begun


@dataclass(frozen=True)
class Written:
    """When a file was made and last written, in seconds of the clock that all lab hosts share."""

    made: float
    ended: float


def queries(*numbers: int) -> dict[str, Any]:
    """Return query hosts by the numbers of the lab's hosts."""
    hosts = [host for host in first_hosts(max(numbers)) if host.number in numbers]
    return {f"query{host.number}": {"fqdn": host.fqdn, "ip": host.address, "roles": ["query"]} for host in hosts}


@pytest.mark.long
def test_ten_hosts_get_the_file_at_the_same_time(lab: Lab, tmp_path: Path) -> None:
    change = {"release": {"rpm": {"file": "large.rpm"}}, "hosts": queries(*range(2, TEN + 1))}
    ten = edited_copy(bare_stack(lab, "test"), tmp_path, change)
    content = os.urandom(LARGE)
    (tmp_path / "large.rpm").write_bytes(content)
    places = ["--target=**::deephaven", "--target=**::deephaven-hosts"]
    ten.deploy(*places, "--target=**-host")
    # As many at once as there are hosts: the engine's default is four for each of its machine's processors.
    copied = ten.deploy(*places, "--target=**-host", "--target=**-rpm", f"--parallel={TEN}")
    assert copied.changes["create"] == TEN
    times = []
    for host in ten.hosts().values():
        digest = ten.root(f"cat {UPLOAD}/*.rpm | sha256sum", host=host).split()[0]
        assert digest == hashlib.sha256(content).hexdigest()
        made, ended = ten.root(f"stat -c '%.W %.Y' {UPLOAD}/*.rpm", host=host).split()
        times.append(Written(float(made), float(ended)))
    # On few processors the first may end before the last has begun; one after another, no two would run at once.
    assert max(sum(one.made <= other.made < one.ended for one in times) for other in times) > TEN // 2


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of two hosts on which the product is installed, in a lab of four."""
    change = {"hosts": {"query": queries(2)["query2"]}, "accounts": ACCOUNTS}
    with temporary_lab(lab_name("moved")) as lab:
        cluster = edited_copy(bare_stack(lab, "test"), tmp_path_factory.mktemp("moved"), change)
        lab.up(4)
        cluster.deploy(*PREPARED)
        yield cluster


def move(cluster: Cluster, change: dict[str, Any]) -> None:
    """Change where the query host is."""
    write_config(cluster, changed(cluster.configuration(), {"hosts": {"query": change}}))


def test_the_same_machine_under_another_address_keeps_what_is_installed(moved: Cluster) -> None:
    installed = "rpm -q --qf '%{INSTALLTIME}' illumon-db"
    moved.root(f"rm {STAGING}/*.rpm", host="h2")
    before = moved.root(installed, host="h2")
    move(moved, {"ssh": {"address": "10.77.0.12"}})
    moved.deploy(*PREPARED)
    assert moved.root(installed, host="h2") == before
    moved.deploy(*PREPARED, "--expect-no-changes")


def test_another_machine_in_its_place_gets_the_file_and_the_product(moved: Cluster) -> None:
    move(moved, {"fqdn": "h3.lab.internal", "ip": "10.77.0.13", "ssh": {"address": "h3.lab.internal"}})
    moved.deploy(*PREPARED)
    assert product(moved, "h3") == INSTALLED
    assert [*staged(moved, "h3").values()] == [DIGEST]
    moved.deploy(*PREPARED, "--expect-no-changes")


def test_without_facts_another_machine_is_refused_until_the_file_is_brought_as_told(moved: Cluster) -> None:
    move(moved, {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "ssh": {"address": "h4.lab.internal"}})
    write_config(moved, {**moved.configuration(), "facts": "off"})
    said = refused(moved, *PREPARED)
    assert f"query (h4.lab.internal): step product: the product's RPM is missing: {UPLOAD} has none" in said
    assert "what to do: upload it again: pulumi up --replace '**-query-rpm'" in said
    assert "not installed" in product(moved, "h4")
    moved.deploy(*PREPARED, "--replace=**-query-rpm")
    assert product(moved, "h4") == INSTALLED
    assert [*staged(moved, "h4").values()] == [DIGEST]

"""What a cluster would lose is refused, and done when the stack allows it with a reason."""

from typing import Any

import pytest

from components.topology.manifest import Manifest, ManifestFile, RecordedHost
from tests.unit.safety.shared import cluster, declared, found

STORE = {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["dis"]}


@pytest.fixture
def larger() -> Manifest:
    """Return the record of the stack with a host for DIS, a proxy and a newer build."""
    spec = declared({"hosts": {"store": STORE}, "services": {"tdcp": ["query1"]}, "release": {"build": "012"}})
    return Manifest.of(spec.cluster, spec.product_release)


def lifted(name: str) -> dict[str, Any]:
    return {"allow": [{"refusal": name, "reason": "agreed on with the team"}]}


def test_a_record_of_the_same_stack_is_fine(larger: Manifest) -> None:
    spec = declared({"hosts": {"store": STORE}, "services": {"tdcp": ["query1"]}, "release": {"build": "012"}})
    assert found(spec, cluster(), larger) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("downgrade", "release.build: the cluster runs 1.20200121.012-1, declared is 1.20200121.008-1"),
        ("last-of-kind", "services.tdcp: query1 was the last tdcp server"),
    ],
)
def test_each_loss_is_refused_until_the_stack_allows_it(larger: Manifest, name: str, says: str) -> None:
    refused = {one.name: one.line for one in found(declared({}), cluster(), larger)}
    assert set(refused) == {"downgrade", "last-of-kind", "host-with-state"}
    assert says in refused[name]
    assert f"allow: [{{refusal: {name}, reason: WHY}}]" in refused[name]
    assert {one.name for one in found(declared(lifted(name)), cluster(), larger)} == set(refused) - {name}


def test_a_host_with_state_leaves_only_once_it_was_retired(larger: Manifest) -> None:
    (refused,) = [one for one in found(declared({}), cluster(), larger) if one.name == "host-with-state"]
    assert "hosts: store (h4.lab.internal) is removed and keeps state (dis); put it back with" in refused.line
    assert "retire: true" in refused.line


def test_another_place_of_the_accounts_is_refused_until_the_stack_allows_it(known: Manifest) -> None:
    moved = {"services": {"acl_database": "query1"}}
    (refused,) = found(declared(moved), cluster(), known)
    assert refused.name == "acl-database"
    assert "the accounts are in the database on infra, declared is query1" in refused.line
    assert found(declared({**moved, **lifted("acl-database")}), cluster(), known) == []


def test_a_host_that_was_retired_may_leave() -> None:
    spec = declared({"hosts": {"store": {**STORE, "retire": True}}})
    assert found(declared({}), cluster(), Manifest.of(spec.cluster, spec.product_release)) == []


@pytest.mark.parametrize("there", ["1.20200121.005-1", "1.20200121.008-1", ""])
def test_a_newer_build_and_the_same_are_fine(known: Manifest, there: str) -> None:
    assert found(declared({}), cluster(), known.model_copy(update={"release": there})) == []


def test_a_record_comes_back_as_it_was_written(larger: Manifest) -> None:
    text = f'{{"written": "2026-01-01T00:00:00Z", "state": "complete", "cluster": {larger.text()}}}'
    file = ManifestFile.read(text)
    assert file.cluster == larger
    assert file.cluster.text() == larger.text()


def test_an_older_record_says_less_and_refuses_less(known: Manifest) -> None:
    older = Manifest(release=known.release, hosts={"infra": RecordedHost()})
    assert found(declared({}), cluster(), older) == []

"""A change that loses something is refused unless the stack allows it with a reason."""

from typing import Any

import pytest

from components.topology.manifest import Manifest, ManifestFile, RecordedHost
from tests.unit.safety.shared import cluster, declared, findings

STORE = {"fqdn": "h4.lab.internal", "ip": "10.77.0.14", "roles": ["dis"]}


@pytest.fixture
def larger() -> Manifest:
    """Return the manifest of the stack with a DIS host, a proxy and a newer build."""
    spec = declared({"hosts": {"store": STORE}, "services": {"tdcp": ["query1"]}, "release": {"build": "012"}})
    return Manifest.of(spec.cluster, spec.product_release)


def allowed(name: str) -> dict[str, Any]:
    return {"allow": [{"refusal": name, "reason": "agreed on with the team"}]}


def test_the_manifest_of_the_same_stack_has_no_findings(larger: Manifest) -> None:
    spec = declared({"hosts": {"store": STORE}, "services": {"tdcp": ["query1"]}, "release": {"build": "012"}})
    assert findings(spec, cluster(), larger) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("downgrade", "release.build: the cluster runs 1.20200121.012-1, declared is 1.20200121.008-1"),
        ("last-of-kind", "services.tdcp: query1 was the last tdcp server"),
    ],
)
def test_each_loss_is_refused_until_the_stack_allows_it(larger: Manifest, name: str, expected: str) -> None:
    refused = {item.name: item.line for item in findings(declared({}), cluster(), larger)}
    assert set(refused) == {"downgrade", "last-of-kind", "host-with-state"}
    assert expected in refused[name]
    assert f"allow: [{{refusal: {name}, reason: WHY}}]" in refused[name]
    assert {item.name for item in findings(declared(allowed(name)), cluster(), larger)} == set(refused) - {name}


def test_a_host_with_state_can_be_removed_only_after_it_was_retired(larger: Manifest) -> None:
    (refused,) = [item for item in findings(declared({}), cluster(), larger) if item.name == "host-with-state"]
    assert "hosts: store (h4.lab.internal) is removed and keeps state (dis); put it back with" in refused.line
    assert "retire: true" in refused.line


def test_another_acl_database_is_refused_until_the_stack_allows_it(recorded: Manifest) -> None:
    moved = {"services": {"acl_database": "query1"}}
    (refused,) = findings(declared(moved), cluster(), recorded)
    assert refused.name == "acl-database"
    assert "the accounts are in the database on infra, declared is query1" in refused.line
    assert findings(declared({**moved, **allowed("acl-database")}), cluster(), recorded) == []


def test_a_retired_host_may_be_removed() -> None:
    spec = declared({"hosts": {"store": {**STORE, "retire": True}}})
    assert findings(declared({}), cluster(), Manifest.of(spec.cluster, spec.product_release)) == []


@pytest.mark.parametrize("release", ["1.20200121.005-1", "1.20200121.008-1", ""])
def test_a_newer_or_equal_build_has_no_findings(recorded: Manifest, release: str) -> None:
    assert findings(declared({}), cluster(), recorded.model_copy(update={"release": release})) == []


def test_a_manifest_is_read_as_it_was_written(larger: Manifest) -> None:
    text = f'{{"written": "2026-01-01T00:00:00Z", "state": "complete", "cluster": {larger.text()}}}'
    file = ManifestFile.read(text)
    assert file.cluster == larger
    assert file.cluster.text() == larger.text()


def test_an_older_manifest_with_fewer_keys_has_no_findings(recorded: Manifest) -> None:
    older = Manifest(release=recorded.release, hosts={"infra": RecordedHost()})
    assert findings(declared({}), cluster(), older) == []

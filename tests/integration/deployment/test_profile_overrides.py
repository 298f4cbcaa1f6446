"""A product with other names is installed with overrides in the stack file; each test continues from the one before.

The lab's product has two vocabularies: the guide's names and second ones.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.stages import PROJECT
from tests.support.cluster import ONCE, Cluster
from tests.support.stack_file import edited_copy

pytestmark = pytest.mark.lab
SECOND = Path(__file__).with_name("second.yaml")
VOCABULARIES = PROJECT / "lab/product/vocabulary"


def with_overrides(cluster: Cluster, directory: Path, *keys: str) -> Cluster:
    """Return the stack with the RPM of the second vocabulary, and only these of its overrides."""
    change = yaml.safe_load(SECOND.read_text())
    overrides = change["release"]["overrides"]
    change["release"]["overrides"] = {key: value for key, value in overrides.items() if key in keys}
    return edited_copy(cluster, directory, change)


@pytest.fixture(scope="module")
def second(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Deploy the stack with all overrides, after the incomplete deployments of the first test."""
    overrides = yaml.safe_load(SECOND.read_text())["release"]["overrides"]
    copy = with_overrides(cluster, tmp_path_factory.mktemp("second"), *overrides)
    copy.deploy()
    return copy


def names(vocabulary: str) -> dict[str, Any]:
    """Return the names of a vocabulary of the lab's product."""
    result: dict[str, Any] = json.loads((VOCABULARIES / f"{vocabulary}.json").read_text())
    return result


# Incomplete overrides, with the message about the first missing name.
INCOMPLETE = {
    (): ("step etcd-enable: ", "dh-etcd"),
    ("units",): (
        "step endpoints: set_iris_endpoints_prop.sh exited with status 1",
        "they are defined under scripts.endpoints in the release profile",
    ),
}


@pytest.mark.parametrize("keys", INCOMPLETE, ids=lambda keys: " ".join(keys) or "none")
def test_a_missing_override_is_named(cluster: Cluster, tmp_path: Path, keys: tuple[str, ...]) -> None:
    update = with_overrides(cluster, tmp_path, *keys).up()
    message, name = INCOMPLETE[keys]
    assert update.status != 0
    assert f"infra (h1.lab.internal): {message}" in update.output
    assert name in update.output
    assert "Traceback" not in update.output


def test_the_product_on_the_host_has_the_second_vocabulary(second: Cluster) -> None:
    assert json.loads(second.root("cat /usr/illumon/latest/etc/vocabulary.json"))["etcd_unit"] == "deephaven-etcd"
    assert second.root("systemctl is-active dh-etcd deephaven-etcd", check=False).split() == ["inactive", "active"]


def test_all_services_are_ok_and_none_has_a_name_of_the_guide(second: Cluster) -> None:
    services = second.services()
    expected = {service["name"] for service in names("second")["services"].values()} - {"dh_proxy"}
    assert expected <= set(services)
    assert {name for name, status in services.items() if status != "OK"} == set()
    assert not set(services) & {service["name"] for service in names("guide")["services"].values()}


def test_outputs_have_the_second_names(second: Cluster) -> None:
    outputs = second.stack.outputs()
    assert outputs["url"] == "https://h1.lab.internal:9123/iriside"
    page = second.lab.exec(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", outputs["url"]]).stdout
    assert page == "200"
    assert set(outputs["hosts"]["infra"]["services"]) <= set(second.services())


def test_a_second_preview_shows_no_changes_and_nothing_restarts(second: Cluster) -> None:
    before = second.pids()
    assert second.has_no_changes()
    assert second.pids() == before
    assert {script: second.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)


def test_destroy_stops_all_units_and_services(second: Cluster) -> None:
    update = second.update("destroy", "--yes", "--skip-preview")
    assert update.status == 0, update.output
    units = second.root("systemctl is-active deephaven-etcd mariadb monit; ls /run/deephaven/*.pid; true").split()
    assert units == ["inactive", "inactive", "inactive"]

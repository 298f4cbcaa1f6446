"""A product that answers to other names is installed by what the stack says alone: the tests follow one another."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.stages import PROJECT
from tests.integration.cluster import ONCE, Cluster, Update
from tests.integration.deployment.variant import variant

pytestmark = pytest.mark.lab
SECOND = Path(__file__).with_name("second.yaml")
VOCABULARIES = PROJECT / "lab/product/vocabulary"


@pytest.fixture(scope="module")
def unnamed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Update:
    """Deploy the second vocabulary's product with a stack that does not say its names."""
    only_the_file = {"release": {"rpm": yaml.safe_load(SECOND.read_text())["release"]["rpm"]}}
    return variant(cluster, tmp_path_factory.mktemp("unnamed"), only_the_file).up()


@pytest.fixture(scope="module")
def second(cluster: Cluster, unnamed: Update, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Deploy it with a stack that says them, carrying on from where that ended."""
    assert unnamed.status != 0
    twin = variant(cluster, tmp_path_factory.mktemp("second"), yaml.safe_load(SECOND.read_text()))
    update = twin.up()
    assert update.status == 0, update.said
    return twin


def names(vocabulary: str) -> dict[str, Any]:
    """Return what the stand-in's services are called in one of its vocabularies, by their part."""
    read: dict[str, Any] = json.loads((VOCABULARIES / f"{vocabulary}.json").read_text())
    return read


def test_a_stack_that_does_not_say_the_names_stops_and_says_where_they_stand(unnamed: Update) -> None:
    assert unnamed.status != 0
    assert "infra (h1.lab.internal): step endpoints: set_iris_endpoints_prop.sh ended with status 1" in unnamed.said
    assert "they stand under scripts.endpoints of the release profile" in unnamed.said
    assert "Traceback" not in unnamed.said


@pytest.mark.xfail(strict=True, reason="etcd-enable does not look whether the profile's unit is there")
def test_an_etcd_unit_of_another_name_is_not_told_as_started(unnamed: Update) -> None:
    assert "infra (h1.lab.internal): step etcd-enable: " in unnamed.said


def test_the_product_on_the_host_has_the_second_vocabulary(second: Cluster) -> None:
    assert json.loads(second.root("cat /usr/illumon/latest/etc/vocabulary.json"))["etcd_unit"] == "deephaven-etcd"
    assert second.root("systemctl is-active dh-etcd deephaven-etcd", check=False).split() == ["inactive", "active"]


def test_all_its_services_are_ok_and_none_has_a_name_of_the_guide(second: Cluster) -> None:
    services = second.services()
    known = {service["name"] for service in names("second")["services"].values()} - {"dh_proxy"}
    assert known <= set(services)
    assert {name for name, status in services.items() if status != "OK"} == set()
    assert not set(services) & {service["name"] for service in names("guide")["services"].values()}


def test_outputs_speak_its_names(second: Cluster) -> None:
    outputs = second.stack.outputs()
    assert outputs["url"] == "https://h1.lab.internal:9123/iriside"
    page = second.lab.exec(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", outputs["url"]]).stdout
    assert page == "200"
    assert set(outputs["hosts"]["infra"]["services"]) <= set(second.services())


def test_the_second_update_is_empty(second: Cluster) -> None:
    before = second.pids()
    assert second.empty()
    assert second.pids() == before
    assert {script: second.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)


def test_destroy_stops_what_runs(second: Cluster) -> None:
    update = second.update("destroy", "--yes", "--skip-preview")
    assert update.status == 0, update.said
    units = second.root("systemctl is-active deephaven-etcd mariadb monit; ls /run/deephaven/*.pid; true").split()
    assert units == ["inactive", "inactive", "inactive"]

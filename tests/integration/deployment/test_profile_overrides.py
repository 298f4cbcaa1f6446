"""A product that answers to other names is installed by what the stack says alone: the tests follow one another."""

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


def stack(cluster: Cluster, directory: Path, *said: str) -> Cluster:
    """Return a stack with the second vocabulary's file, and of its overrides only those of these keys."""
    change = yaml.safe_load(SECOND.read_text())
    overrides = change["release"]["overrides"]
    change["release"]["overrides"] = {key: value for key, value in overrides.items() if key in said}
    return edited_copy(cluster, directory, change)


@pytest.fixture(scope="module")
def second(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Deploy it with a stack that says all its names, carrying on from where the others ended."""
    said = yaml.safe_load(SECOND.read_text())["release"]["overrides"]
    twin = stack(cluster, tmp_path_factory.mktemp("second"), *said)
    twin.deploy()
    return twin


def names(vocabulary: str) -> dict[str, Any]:
    """Return what the stand-in's services are called in one of its vocabularies, by their part."""
    read: dict[str, Any] = json.loads((VOCABULARIES / f"{vocabulary}.json").read_text())
    return read


# What a stack says of the names, and what is then told of the first one that is missing.
UNSAID = {
    (): ("step etcd-enable: ", "dh-etcd"),
    ("units",): (
        "step endpoints: set_iris_endpoints_prop.sh exited with status 1",
        "they are defined under scripts.endpoints in the release profile",
    ),
}


@pytest.mark.parametrize("said", UNSAID, ids=lambda said: " ".join(said) or "nothing")
def test_a_stack_that_leaves_names_out_is_told_which(cluster: Cluster, tmp_path: Path, said: tuple[str, ...]) -> None:
    update = stack(cluster, tmp_path, *said).up()
    what, more = UNSAID[said]
    assert update.status != 0
    assert f"infra (h1.lab.internal): {what}" in update.output
    assert more in update.output
    assert "Traceback" not in update.output


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
    assert second.has_no_changes()
    assert second.pids() == before
    assert {script: second.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)


def test_destroy_stops_what_runs(second: Cluster) -> None:
    update = second.update("destroy", "--yes", "--skip-preview")
    assert update.status == 0, update.output
    units = second.root("systemctl is-active deephaven-etcd mariadb monit; ls /run/deephaven/*.pid; true").split()
    assert units == ["inactive", "inactive", "inactive"]

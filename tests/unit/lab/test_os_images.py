"""The OS image of a host: set by a stack file or the command, kept with the host's disk."""

from pathlib import Path

import pytest

from lab.engine.find import Engine
from lab.hosts import Lab, LabError, build, machine, paths
from lab.hosts.command import parser
from lab.hosts.disk import Disk
from lab.stack import Stack
from tests.unit.conftest import PROJECT

STACKS = sorted(path.name.split(".")[1] for path in (PROJECT / "stacks").glob("Pulumi.*.yaml"))


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab that is not up."""
    monkeypatch.setattr(machine, "require", lambda: None)
    return Lab("t-image")


@pytest.mark.parametrize("stack", STACKS)
def test_os_images_are_read_from_the_stack_file(lab: Lab, stack: str) -> None:
    expected = {"h2": "opensuse"} if stack == "test-opensuse" else {}
    assert Stack(lab, stack, engine=Engine(Path(), "build")).os_images == expected


@pytest.mark.parametrize(
    ("text", "os_images"),
    [
        ("a: {os: opensuse, fqdn: h3.lab.internal}\nb: {fqdn: h1.lab.internal, roles: [query]}", {"h3": "opensuse"}),
        ('{"a": {"fqdn": "h2.lab.internal", "os": "opensuse"}}', {"h2": "opensuse"}),
        ("a: {fqdn: h1.lab.internal, os: centos}", {}),
        ("a: {fqdn: h1.example.com, os: opensuse}", {}),
    ],
)
def test_hosts_are_read_from_yaml_and_json(lab: Lab, tmp_path: Path, text: str, os_images: dict[str, str]) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.some.yaml").write_text(text)
    assert Stack(lab, "some", engine=Engine(Path(), "build"), project=tmp_path).os_images == os_images


def test_an_os_image_is_an_additional_layer_that_a_reset_keeps(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "h1")
    assert disk.base() == [paths.BASE]
    disk.set_os_image("opensuse")
    disk.set_os_image("opensuse")
    disk.reset([Path("snapshots/a/h1/upper")])
    assert disk.base() == [paths.os_image_layer("opensuse"), paths.BASE]
    assert disk.layers() == [Path("snapshots/a/h1/upper")]


def test_an_unknown_os_image_and_a_changed_one_are_refused(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "h1")
    with pytest.raises(LabError, match="h1: unknown OS image slackware; use opensuse, or none for CentOS"):
        disk.set_os_image("slackware")
    disk.reset([])
    with pytest.raises(LabError, match="h1: already exists with another OS image than opensuse; "):
        disk.set_os_image("opensuse")


def test_the_opensuse_layer_below_a_host_is_not_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "STATE", tmp_path)
    monkeypatch.setattr(build, "os_image_layer", lambda name: tmp_path / name)
    (tmp_path / "t-one/hosts/h1").mkdir(parents=True)
    (tmp_path / "t-two/hosts/h2").mkdir(parents=True)
    (tmp_path / "t-two/hosts/h2/os_image").write_text("opensuse")
    with pytest.raises(
        LabError, match=r"^openSUSE layer: out of date, .*; run python3 -m lab\.hosts --lab t-two down$"
    ):
        build._build_opensuse()  # noqa: SLF001 - one step of the build


def test_the_command_sets_os_images() -> None:
    assert parser().parse_args(["up", "3", "--opensuse", "h2", "h3"]).opensuse == ["h2", "h3"]
    assert parser().parse_args(["up", "3"]).opensuse == []

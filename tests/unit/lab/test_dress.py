"""What hosts are dressed as: said by a stack file or the command, kept with the host's disk."""

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
    return Lab("t-dress")


@pytest.mark.parametrize("stack", STACKS)
def test_the_hosts_of_another_system_are_those_of_the_stack_file(lab: Lab, stack: str) -> None:
    expected = {"h2": "opensuse"} if stack == "test-opensuse" else {}
    assert Stack(lab, stack, engine=Engine(Path(), "build")).dress == expected


@pytest.mark.parametrize(
    ("text", "dress"),
    [
        ("a: {os: opensuse, fqdn: h3.lab.internal}\nb: {fqdn: h1.lab.internal, roles: [query]}", {"h3": "opensuse"}),
        ('{"a": {"fqdn": "h2.lab.internal", "os": "opensuse"}}', {"h2": "opensuse"}),
        ("a: {fqdn: h1.lab.internal, os: centos}", {}),
        ("a: {fqdn: h1.example.com, os: opensuse}", {}),
    ],
)
def test_a_host_is_read_as_yaml_or_json_has_it(lab: Lab, tmp_path: Path, text: str, dress: dict[str, str]) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.some.yaml").write_text(text)
    assert Stack(lab, "some", engine=Engine(Path(), "build"), project=tmp_path).dress == dress


def test_a_dressed_disk_has_one_layer_more_and_keeps_it_through_a_reset(tmp_path: Path) -> None:
    made = Disk(tmp_path / "h1")
    assert made.base() == [paths.BASE]
    made.put_on("opensuse")
    made.put_on("opensuse")
    made.reset([Path("snapshots/a/h1/upper")])
    assert made.base() == [paths.dress_layer("opensuse"), paths.BASE]
    assert made.layers() == [Path("snapshots/a/h1/upper")]


def test_an_unknown_system_and_a_host_that_is_another_are_refused(tmp_path: Path) -> None:
    made = Disk(tmp_path / "h1")
    with pytest.raises(LabError, match="h1: cannot be dressed as slackware; known: opensuse"):
        made.put_on("slackware")
    made.reset([])
    with pytest.raises(LabError, match="h1: exists already, not dressed as opensuse"):
        made.put_on("opensuse")


def test_the_layer_under_a_dressed_host_is_not_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "STATE", tmp_path)
    monkeypatch.setattr(build, "dress_layer", lambda name: tmp_path / name)
    (tmp_path / "t-one/hosts/h1").mkdir(parents=True)
    (tmp_path / "t-two/hosts/h2").mkdir(parents=True)
    (tmp_path / "t-two/hosts/h2/dress").write_text("opensuse")
    with pytest.raises(
        LabError, match=r"layer of openSUSE is out of date, .*: run python3 -m lab\.hosts --lab t-two down$"
    ):
        build._build_opensuse()  # noqa: SLF001 - one step of the build


def test_hosts_are_dressed_by_the_command() -> None:
    assert parser().parse_args(["up", "3", "--opensuse", "h2", "h3"]).opensuse == ["h2", "h3"]
    assert parser().parse_args(["up", "3"]).opensuse == []

"""Other programs use the components: two clusters in one program, and hosts that another stack exports."""

import shutil
from pathlib import Path

import pytest

from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy

pytestmark = pytest.mark.lab
STACK = "production"
PROGRAMS = Path(__file__).parent / "programs"


def program(cluster: Cluster, directory: Path, name: str) -> Cluster:
    """Return the stack in a checkout of its own with another program."""
    copy = cluster.copy(directory)
    shutil.copyfile(PROGRAMS / f"{name}.py", directory / "__main__.py")
    return copy


def names(cluster: Cluster) -> list[str]:
    """Return the names of all resources in the stack's state."""
    return [resource["urn"].rpartition("::")[2] for resource in cluster.state()["deployment"].get("resources", [])]


def test_two_clusters_of_one_program_do_not_collide(cluster: Cluster, tmp_path: Path) -> None:
    two = program(cluster, tmp_path, "two_clusters")
    done = two.deploy()
    assert set(done.changes) == {"create"}
    assert two.converged()
    own = {key: {name for name in names(two) if name == key or name.startswith(f"{key}-")} for key in ("blue", "green")}
    assert {name.removeprefix("blue") for name in own["blue"]} == {name.removeprefix("green") for name in own["green"]}
    assert len(own["blue"]) > 30
    engine = {name for name in names(two) if name == "deephaven-production" or name.startswith("default")}
    assert set(names(two)) == engine | own["blue"] | own["green"]
    urls = two.stack.outputs()
    assert (urls["blue_url"][:24], urls["green_url"][:24]) == ("https://h1.lab.internal:", "https://h2.lab.internal:")
    for host in ("h1", "h2"):
        assert set(two.services(host).values()) == {"OK"}, two.services(host)
    two.root("systemctl stop monit", host="h2")
    assert set(two.deploy().touched) == {"green-infra-monit"}
    destroyed = two.update("destroy", "--skip-preview", "--yes", "--suppress-progress")
    assert destroyed.status == 0, destroyed.output


def test_an_invalid_cluster_is_reported_without_a_traceback_and_earlier_resources_are_registered(
    cluster: Cluster, tmp_path: Path
) -> None:
    done = program(cluster, tmp_path, "one_cluster").preview()
    assert done.status != 0
    assert "deephaven:cluster.release: is missing" in done.output
    assert "Traceback" not in done.output
    assert "RandomPassword" in done.output
    assert "DeephavenCluster" not in done.output


@pytest.fixture(scope="module")
def machines(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Deploy the infrastructure stack and return its name."""
    infra = program(cluster, tmp_path_factory.mktemp("machines"), "machines")
    infra.stack.pulumi("stack", "init", "machines")
    infra.stack.pulumi("up", "--stack", "machines", "--skip-preview", "--yes", "--suppress-progress")
    return "organization/deephaven/machines"


def with_hosts(cluster: Cluster, directory: Path, **hosts: object) -> Cluster:
    """Return a single-node stack whose `hosts` refer to another stack."""
    single = {
        "environment": "test",
        "etcd": ["infra"],
        "config_servers": ["infra"],
        "auth_servers": ["infra"],
        "accounts": None,
    }
    none = dict.fromkeys(cluster.configuration()["hosts"])
    return edited_copy(cluster, directory, {**single, "accounts": None, "hosts": {**none, **hosts}})


ROLES = {"infra": {"roles": ["infra", "dis", "batch", "query"]}}


def test_a_cluster_takes_its_hosts_from_another_stack(cluster: Cluster, tmp_path: Path, machines: str) -> None:
    stack = with_hosts(cluster, tmp_path, stack=machines, output="hosts", overrides=ROLES)
    preview = stack.successful_preview()
    assert {"infra-host", "infra-verify"} <= set(preview.touched)
    assert {name.partition("-")[0] for name in preview.touched} == {"infra"}


@pytest.mark.parametrize(
    ("stack", "output", "message"),
    [
        (
            "organization/deephaven/nothing",
            "hosts",
            "hosts.stack: cannot read the outputs of organization/deephaven/nothing",
        ),
        (
            "",
            "machines",
            "hosts.output: unknown output 'machines' of organization/deephaven/machines; use one of hidden",
        ),
        ("", "hidden", "hosts.output: output 'hidden' of organization/deephaven/machines is a secret; export it"),
        ("", "names", "hosts.output: output 'names' of organization/deephaven/machines is not a mapping; export"),
    ],
)
def test_hosts_that_cannot_be_read_are_one_line_and_register_nothing(  # noqa: PLR0913, PLR0917 - parameters
    cluster: Cluster, tmp_path: Path, machines: str, stack: str, output: str, message: str
) -> None:
    copy = with_hosts(cluster, tmp_path, stack=stack or machines, output=output)
    for done in (copy.preview(), copy.up()):
        assert done.status != 0
        lines = {line.partition("error: ")[2] for line in done.output.splitlines() if "error: deephaven" in line}
        assert [line.startswith(f"deephaven:cluster.{message}") for line in lines] == [True], done.output
        assert (done.touched, "Traceback" in done.output) == ({}, False)

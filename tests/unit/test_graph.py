"""The resources that Pulumi gets: order, parents, secrets, counts, and no forbidden property."""

import json
import subprocess
from collections import Counter

import pytest

from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import FileCopy, FileTransfer, Step
from components.steps.script import launcher
from components.tls.certificate import fingerprint
from components.tls.plan import CertificateAndKey
from components.topology.manifest import database
from tests.support.certificates import make
from tests.unit.conftest import spec_of
from tests.unit.recorder import (
    CLUSTER,
    DIGEST,
    FINGERPRINT,
    PASSWORD,
    SECRET_MARK,
    Graph,
    is_secret,
    named,
    plain,
    record,
)

COMMAND = "command:remote:Command"
LOCAL = "command:local:Command"
COPY = "command:remote:CopyToRemote"
WEB = make("Web")
STACKS = ("test", "production", "production-ha")
RANDOM = "random:index/randomPassword:RandomPassword"


@pytest.fixture
def graph(spec: DeploymentSpec) -> Graph:
    """Return what the program registers for the test stack."""
    return record(spec)


def test_number_of_resources_by_type(graph: Graph) -> None:
    kinds = Counter(request.type for request in graph.requests.values())
    del kinds["pulumi:pulumi:Stack"]  # only the first graph of a run has it
    assert kinds == {
        COMMAND: 29,
        COPY: 1,
        RANDOM: 1,
        "deephaven:index:DeephavenCluster": 1,
        "deephaven:packages:Hosts": 1,
        "deephaven:packages:Product": 1,
        "deephaven:etcd:EtcdCluster": 1,
        "deephaven:config_server:ConfigServer": 1,
        "deephaven:config_server:Distribution": 1,
        "deephaven:services:AclDatabase": 1,
        "deephaven:services:MonitRoles": 1,
        "deephaven:services:Verification": 1,
    }


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> tuple[DeploymentSpec, Graph]:
    """Return each stack's deployment spec and what the program registers for it."""
    spec = spec_of(request.param)
    own = spec.cluster.config.certificate.kind == "self-signed"
    return spec, record(spec, None if own else CertificateAndKey(WEB.crt, WEB.pem))


def test_every_step_is_a_resource_with_the_dependencies_of_the_plan(
    stack: tuple[DeploymentSpec, Graph],
) -> None:
    spec, graph = stack
    kinds = {Step: COMMAND, FileCopy: COPY, FileTransfer: LOCAL}
    for step in plan(spec, digest=DIGEST):
        request = graph.requests[step.resource_name]
        assert request.type == kinds[type(step)]
        secrets = (
            {secret for secret in step.secrets.values() if secret in graph.requests}
            if isinstance(step, Step)
            else set()
        )
        assert named(request.dependencies) == set(step.after) | secrets


def test_a_file_transfer_names_hosts_and_keys_and_has_no_secret(stack: tuple[DeploymentSpec, Graph]) -> None:
    spec, graph = stack
    transfers = graph.of(LOCAL)
    assert len(transfers) >= len(spec.cluster.nodes) - 1
    for name, request in transfers.items():
        properties = plain(request.object)
        assert set(properties) == {"create", "update", "stdin", "logging", "addPreviousOutputInEnv"}
        assert properties["create"] == properties["update"] == f"bash -s -- {name.partition('-')[2]}"
        assert list(request.ignoreChanges) == ["update"]
        assert not is_secret(properties["stdin"])
        node = spec.cluster.nodes[name.partition("-")[0]]
        assert f"target=({node.fqdn} 22 centos 'ssh-ed25519 {node.key}')" in properties["stdin"]
        assert named([request.deletedWith]) == {f"{node.key}-host"}


def test_each_step_is_a_child_of_its_phase(graph: Graph) -> None:
    phases = {
        "hosts": "infra-host",
        "product": "infra-product",
        "etcd": "infra-etcd-config",
        "config-server": "infra-keygen",
        "acl-database": "infra-acl-database",
        "services": "infra-start",
        "verification": "infra-verify",
    }
    assert {phase: named([graph.requests[step].parent]) for phase, step in phases.items()} == {
        phase: {phase} for phase in phases
    }
    assert {name for name in phases if named([graph.requests[name].parent]) != {"deephaven"}} == set()


def test_every_step_is_deleted_with_its_host_and_only_the_host_has_a_delete(graph: Graph) -> None:
    for name, request in {**graph.of(COMMAND), **graph.of(COPY)}.items():
        host = set() if name == "infra-host" else {"infra-host"}
        assert named(filter(None, [request.deletedWith])) == host
        assert ("delete" in plain(request.object)) == (name == "infra-host")
    assert plain(graph.requests["infra-host"].object)["delete"] == launcher("decommission")


def test_steps_have_no_forbidden_property(graph: Graph) -> None:
    for name, request in graph.of(COMMAND).items():
        properties = plain(request.object)
        extra = {"delete"} if name == "infra-host" else set()
        assert set(properties) - extra == {
            "connection", "create", "update", "stdin", "logging", "addPreviousOutputInEnv",
        }  # fmt: skip
        assert properties["logging"] == "none"
        assert properties["addPreviousOutputInEnv"] is False
        assert list(request.ignoreChanges) == ["update"]
        assert list(request.hooks.on_error) == ["deephaven: infra (h1.lab.internal)"]
        assert properties["create"] == properties["update"] == launcher(name.removeprefix("infra-"))


def test_connections_pin_the_host_key_and_use_the_agent(graph: Graph) -> None:
    for request in {**graph.of(COMMAND), **graph.of(COPY)}.values():
        assert plain(request.object)["connection"] == {
            SECRET_MARK: "1b47061264138c4ac30d75fd1eb44270",
            "value": {
                "host": "h1.lab.internal",
                "port": 22,
                "user": "centos",
                "hostKey": "ssh-ed25519 infra",
                "dialErrorLimit": 3,
                "perDialTimeout": 5,
            },
        }


def test_only_a_step_with_a_password_is_secret(graph: Graph) -> None:
    secret = {name for name, request in graph.of(COMMAND).items() if is_secret(plain(request.object)["stdin"])}
    assert secret == {"infra-monit"}
    assert set(graph.requests["infra-monit"].additionalSecretOutputs) >= {"stdout", "stderr"}


def test_the_password_appears_only_in_a_secret(graph: Graph) -> None:
    for name, request in graph.requests.items():
        shown = {key: value for key, value in plain(request.object).items() if not is_secret(value)}
        assert PASSWORD not in json.dumps(shown), name
    assert PASSWORD in json.dumps(plain(graph.requests["infra-monit"].object))
    assert PASSWORD not in json.dumps(graph.outputs)


def test_no_setting_of_the_operators_machine_is_an_input(
    spec: DeploymentSpec, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = {name: plain(request.object) for name, request in record(spec).requests.items()}
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for variable, value in {"HOME": "/home/other", "USER": "other", "SSH_AUTH_SOCK": "/tmp/other"}.items():  # noqa: S108
        monkeypatch.setenv(variable, value)
    elsewhere = {name: plain(request.object) for name, request in record(spec).requests.items()}
    assert here == elsewhere
    paths = [value for value in json.dumps(here).split('"') if value.startswith(("/home", "/root", "/tmp"))]  # noqa: S108
    assert paths == []


def test_outputs_describe_the_cluster_without_secrets(graph: Graph) -> None:
    outputs = graph.outputs["deephaven"]
    assert outputs["url"] == "https://h1.lab.internal:8123/iriside"
    assert outputs["release"] == "1.20200121.008"
    assert outputs["certificates"] == {"web": FINGERPRINT}
    assert outputs["hosts"]["infra"]["roles"] == ["infra", "dis", "batch", "query"]
    assert "web_api_service" in outputs["hosts"]["infra"]["services"]


def test_phases_have_outputs(stack: tuple[DeploymentSpec, Graph]) -> None:
    spec, graph = stack
    hosts = spec.cluster.reachable
    assert graph.outputs["hosts"] == {"fqdns": {key: node.fqdn for key, node in hosts.items()}}
    assert graph.outputs["product"] == {"release": spec.product_release}
    assert graph.outputs["etcd"] == {"endpoints": [f"{member.node.ip}:2379" for member in spec.cluster.members]}
    assert graph.outputs["config-server"] == {"servers": [node.fqdn for node in spec.cluster.config_servers]}
    assert graph.outputs["acl-database"] == {"host": database(spec.cluster)}
    assert graph.outputs["services"] == {"services": {key: list(spec.services_of(node)) for key, node in hosts.items()}}
    assert ("certificate" in graph.outputs) == (spec.cluster.config.certificate.kind != "self-signed")
    if "certificate" in graph.outputs:
        assert graph.outputs["certificate"] == {"fingerprint": fingerprint(WEB.crt)}
        command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
        leaf = subprocess.run(command, input=WEB.crt, capture_output=True, text=True, check=True)
        assert leaf.stdout.strip().partition("=")[2] == fingerprint(WEB.crt)


def test_every_name_begins_with_the_clusters_name(spec: DeploymentSpec) -> None:
    graph = record(spec)
    names = {request.name for request in graph.requests.values() if request.type != "pulumi:pulumi:Stack"}
    assert {name for name in names if name != CLUSTER and not name.startswith(f"{CLUSTER}-")} == set()

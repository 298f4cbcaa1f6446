"""Runs the program against Pulumi's mocks and records each registration request."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from unittest.mock import patch

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import resource
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.proto.source_pb2 import StackTrace
from pulumi.runtime.settings import SETTINGS

from components.cluster import DeephavenCluster, PreparedCluster
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.connection import Endpoint
from components.steps.reason import Reason
from components.tls.plan import CertificateAndKey, CertificateSpec

CLUSTER = "deephaven"
DIGEST = "a" * 64
FINGERPRINT = ":".join(["AB"] * 32)
PASSWORD = "a-very-secret-password-of-monit"  # noqa: S105 - a mock value
SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the engine's mark of a wrapped value


class States(Mocks):
    """Returns ids and the outputs that the program reads."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Return a resource's id and state."""
        name = str(args.inputs.get("create", "")).rpartition(" ")[2]
        stdin = args.inputs.get("stdin", "")
        text = stdin["value"] if is_secret(stdin) else stdin
        digest = re.search(r"^step_digest=(\w+)$", text, re.MULTILINE)
        begin = f"step: {name} {digest[1] if digest else ''}"
        outputs = {"result": PASSWORD, "stdout": f"{begin}\nfact: web={FINGERPRINT}\nunchanged\nend: {name}\n"}
        return f"{args.name}-id", {**args.inputs, **outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], None]:
        """Fail, because the program must not call a provider function."""
        raise AssertionError(f"unexpected call of {args.token}")


class Graph(MockMonitor):
    """The registration requests of a run, by resource name."""

    def __init__(self, states: States) -> None:
        super().__init__(states)
        self.requests: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - the engine's interface
        """Record the request."""
        name = short(request.name)
        if name in self.requests:
            raise AssertionError(f"{name} is registered twice")
        self.requests[name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802 - the engine's interface
        """Record the outputs."""
        self.outputs[short(request.urn.rsplit("::", 1)[1])] = plain(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def of(self, kind: str) -> dict[str, Any]:
        """Return the requests of one resource type by name."""
        return {name: request for name, request in self.requests.items() if request.type == kind}


class HookNames:
    """Replaces the server for hooks, which no engine calls here."""

    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        """Accept a hook."""
        assert hook.name


def record(
    spec: DeploymentSpec,
    certificate: CertificateAndKey | CertificateSpec | None = None,
    *,
    graph: Graph | None = None,
    reasons: Mapping[str, Reason] | None = None,
) -> Graph:
    """Run the program for a deployment spec, a web certificate and drift, and return what it registers.

    The requests are recorded in the given graph or a new one.
    """
    graph = graph or Graph(States())
    set_mocks(graph.mocks, project="deephaven", stack="test", monitor=graph)
    SETTINGS.callbacks = HookNames()  # mocks lack the server for callbacks
    graph.requests.clear()
    endpoints = {
        key: Endpoint(node.fqdn, 22, "centos", f"ssh-ed25519 {key}") for key, node in spec.cluster.nodes.items()
    }

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        planned = plan(spec, digest=DIGEST)
        args = PreparedCluster(
            spec=spec, plan=planned, endpoints=endpoints, certificate=certificate, reasons=reasons or {}
        )
        DeephavenCluster(CLUSTER, args)

    # The SDK adds a stack trace to each request; pytest's sixty frames would take a third of the time.
    with patch.object(resource, "_get_stack_trace", StackTrace):
        program()
    return graph


def plain(message: Any) -> Any:  # noqa: ANN401 - a protobuf message
    """Return a protobuf struct as Python values, secrets still wrapped."""
    return MessageToDict(message)


def short(name: str) -> str:
    """Return a resource's name without the prefix of the cluster's name."""
    return name.removeprefix(f"{CLUSTER}-")


def named(urns: Iterable[str]) -> set[str]:
    """Return the names in a list of URNs."""
    return {short(urn.rsplit("::", 1)[1]) for urn in urns}


def is_secret(value: object) -> bool:
    """Return whether a property's value is marked as a secret."""
    return isinstance(value, dict) and SECRET_MARK in value

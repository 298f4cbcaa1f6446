"""Runs the program against Pulumi's mocks and records every registration request."""

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
PASSWORD = "a-very-secret-password-of-monit"  # noqa: S105 - what the mock hands out
SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the engine's mark of a wrapped value


class States(Mocks):
    """Hands out ids and the outputs that the program reads."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Return a resource's id and state."""
        made = {"result": PASSWORD, "stdout": f"fact: web={FINGERPRINT}\nunchanged\n"}
        return f"{args.name}-id", {**args.inputs, **made}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], None]:
        """Refuse: the program calls no provider function."""
        raise AssertionError(f"unexpected call of {args.token}")


class Graph(MockMonitor):
    """The requests that a run of the program made, by resource name."""

    def __init__(self, states: States) -> None:
        super().__init__(states)
        self.requests: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - the engine's interface
        """Keep the request."""
        name = short(request.name)
        if name in self.requests:
            raise AssertionError(f"{name} is registered twice")
        self.requests[name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802 - the engine's interface
        """Keep the outputs."""
        self.outputs[short(request.urn.rsplit("::", 1)[1])] = plain(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def of(self, kind: str) -> dict[str, Any]:
        """Return the requests of one resource type by name."""
        return {name: request for name, request in self.requests.items() if request.type == kind}


class HookNames:
    """Stands for the server that answers the engine's calls of hooks, which no engine makes here."""

    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        """Take a hook."""
        assert hook.name


def record(
    spec: DeploymentSpec,
    certificate: CertificateAndKey | CertificateSpec | None = None,
    *,
    graph: Graph | None = None,
    reasons: Mapping[str, Reason] | None = None,
) -> Graph:
    """Run the program for a site, a web certificate and what drifted, and return what it registered.

    That is recorded in a given graph or a new one.
    """
    graph = graph or Graph(States())
    set_mocks(graph.mocks, project="deephaven", stack="test", monitor=graph)
    SETTINGS.callbacks = HookNames()  # mocks have no server that the engine could call back
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

    # The SDK writes the stack of calls into each request: pytest's sixty frames would take a third of the time.
    with patch.object(resource, "_get_stack_trace", StackTrace):
        program()
    return graph


def plain(message: Any) -> Any:  # noqa: ANN401 - a protobuf message
    """Return a protobuf struct as Python values, secrets still wrapped."""
    return MessageToDict(message)


def short(name: str) -> str:
    """Return a resource's name without the cluster's, which stands before every other one."""
    return name.removeprefix(f"{CLUSTER}-")


def named(urns: Iterable[str]) -> set[str]:
    """Return the names in a list of URNs."""
    return {short(urn.rsplit("::", 1)[1]) for urn in urns}


def is_secret(value: object) -> bool:
    """Say whether a property's value travels as a secret."""
    return isinstance(value, dict) and SECRET_MARK in value

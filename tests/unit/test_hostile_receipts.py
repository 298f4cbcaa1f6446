"""From bytes of hostile hosts to registered commands: no character that a shell interprets gets there."""

import json
import re
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pulumi
import pytest

from components.drift import find_drift
from components.facts.parse import parse
from components.plan import plan
from components.release.spec import DeploymentSpec
from components.steps.model import FileCopy, FileTransfer, Plan, Step
from components.steps.script import launcher
from components.tls.plan import CertificateAndKey
from tests.support.certificates import make
from tests.unit.conftest import spec_of
from tests.unit.facts.records import instead
from tests.unit.recorder import DIGEST, Graph, plain, record, short

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
THEN = "2026-11-01T08:00:00Z"
EVIL = "x\n touch /tmp/owned; $(id) `id` & | > \x1b[2J \x00\u202e\u2028 ' \" \\ # é"
SHOWN = "x_ touch /tmp/owned_ __id_ _id_ _ _ _ _[2J ___ _ _ _ _ _".replace("[", "_")
SAFE = frozenset(string.ascii_letters + string.digits + " ._/:,+@=-#")
WEB = make("Web")
COMMAND, LOCAL, COPY = "command:remote:Command", "command:local:Command", "command:remote:CopyToRemote"


@pytest.fixture(scope="module")
def spec() -> DeploymentSpec:
    """Return the deployment spec of the three-host stack, which has steps, transfers and copies."""
    return spec_of("production")


@pytest.fixture(scope="module")
def planned(spec: DeploymentSpec) -> Plan:
    """Return its plan."""
    return plan(spec, digest=DIGEST)


def receipt(**fields: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps({"time": THEN, "host": "", "files": {}} | fields)


# Answers of hostile hosts: a receipt for each step, and other rows.
HOSTILE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "a line break in a file's name": (receipt(files={f"/etc/{EVIL}": "a" * 64}), ()),
    "many files": (receipt(files={f"/etc/{n}{EVIL}": "a" * 64 for n in range(30)}), ()),
    "a line break in the time": (receipt(time=f"{THEN}\n touch /tmp/owned"), ()),
    "a command as the time": (receipt(time="$(touch /tmp/owned)"), ()),
    "a command as the host": (receipt(host=EVIL, files={"/etc/x": "a" * 64}), ()),
    "a command as the machine": (receipt(machine=EVIL), ()),
    "another machine": (receipt(machine="f" * 32, host=EVIL), ()),
    "raw controls in a receipt": (receipt().replace(THEN, f"{THEN}\x1b\x00\u2028"), ()),
    "a build that is a command": (receipt(files={"/x": "b" * 64}), (f"product\t{EVIL.replace(chr(10), ' ')}",)),
    "states of units": (
        receipt(files={"/x": "b" * 64}),
        tuple(f"unit\t{unit}\tmasked\t$(id)\x1b" for unit in ("monit", "dh-etcd", "mariadb")),
    ),
    "states of services": (
        receipt(files={"/x": "b" * 64}),
        tuple(f"monit\t{name}  $(id) `id`; \x1b[2J\u202e  Process" for name in ("db_dis", "tailer1", "$(id)")),
    ),
    "no receipt at all": ("", ()),
}


def answer(planned: Plan, key: str, text: str, rows: tuple[str, ...]) -> bytes:
    """Return a recorded answer with a hostile host's receipts and rows."""
    steps = [step.name for step in planned if step.node.key == key and not isinstance(step, FileCopy)]
    receipts = [f"receipt\t{step}\t{text}" for step in steps] if text else []
    whole = instead("infra", "receipt", *receipts)
    for kind in {row.partition("\t")[0] for row in rows}:
        whole = "\n".join(line for line in whole.splitlines() if line.partition("\t")[0] != kind) + "\n"
    return whole.replace("\nend\n", "".join(f"\n{row}" for row in rows) + "\nend\n").encode()


@pytest.fixture(scope="module", params=HOSTILE)
def registered(
    request: pytest.FixtureRequest, spec: DeploymentSpec, planned: Plan
) -> Iterator[tuple[Graph, list[str]]]:
    """Return what is registered for hostile hosts, and the logged lines."""
    text, rows = HOSTILE[request.param]
    facts = {key: parse(answer(planned, key, text, rows), sent=0, received=1) for key in spec.cluster.nodes}
    reasons = find_drift(planned, facts, installed=spec.cluster.nodes, now=NOW)
    assert set(reasons) == {step.resource_name for step in planned}, (
        "each step of each host must run again, otherwise the test verifies nothing"
    )
    logged: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.log, "info", logged.append)
        yield record(spec, CertificateAndKey(WEB.crt, WEB.pem), reasons=reasons), logged


def step_of(name: str) -> str:
    return name.partition("-")[2]


def test_a_command_on_a_host_is_its_launcher_and_a_safe_comment(
    registered: tuple[Graph, list[str]], planned: Plan
) -> None:
    commands = registered[0].of(COMMAND)
    assert set(commands) == {step.resource_name for step in planned if isinstance(step, Step)}
    for name, request in commands.items():
        properties = plain(request.object)
        assert properties["create"] == launcher(step_of(name))
        assert properties.get("delete", launcher("decommission")) == launcher("decommission")
        begin, _, comment = properties["update"].partition("   # ")
        assert begin == launcher(step_of(name))
        assert comment
        assert len(comment) < 1024
        assert set(properties["update"]) <= SAFE
        assert "#" not in comment


def test_a_command_on_the_operators_machine_has_only_a_digest_from_a_host(
    registered: tuple[Graph, list[str]], planned: Plan
) -> None:
    commands = registered[0].of(LOCAL)
    assert set(commands) == {step.resource_name for step in planned if isinstance(step, FileTransfer)}
    assert len(commands) == 4
    for name, request in commands.items():
        properties = plain(request.object)
        assert properties["create"] == f"bash -s -- {step_of(name)}"
        assert re.fullmatch(rf"bash -s -- {step_of(name)}   # again [0-9a-f]{{16}}", properties["update"])
        assert "delete" not in properties
        assert "owned" not in properties["stdin"]


def test_the_name_of_a_copied_file_has_only_digits_in_addition_to_the_plan(
    registered: tuple[Graph, list[str]], planned: Plan
) -> None:
    copies = registered[0].of(COPY)
    assert len(copies) == 3
    for name, request in copies.items():
        step = planned[name]
        assert isinstance(step, FileCopy)
        directory, _, file = step.target.rpartition("/")
        remote_path = plain(request.object)["remotePath"]
        assert re.fullmatch(rf"{re.escape(directory)}/20[0-9]{{12}}-{re.escape(file)}", remote_path)
        assert re.fullmatch("[A-Za-z0-9._/-]+", remote_path)


def test_no_other_property_changes_with_a_host(
    registered: tuple[Graph, list[str]], spec: DeploymentSpec, planned: Plan
) -> None:
    honest = record(spec, CertificateAndKey(WEB.crt, WEB.pem))
    sticky = {COMMAND: "update", LOCAL: "update", COPY: "remotePath"}
    for name, request in registered[0].requests.items():
        if request.type in sticky:
            hidden = sticky[request.type]
            now, before = plain(request.object), plain(honest.requests[name].object)
            assert {**now, hidden: ""} == {**before, hidden: ""}, name
    assert set(honest.of(COMMAND)) | set(honest.of(LOCAL)) | set(honest.of(COPY)) == {
        step.resource_name for step in planned
    }


def test_the_log_of_a_transfer_is_one_line_of_safe_characters(registered: tuple[Graph, list[str]]) -> None:
    logged = registered[1]
    assert sorted(short(line.partition(": runs again: ")[0]) for line in logged) == sorted(registered[0].of(LOCAL))
    assert {character for line in logged for character in line} <= SAFE


def test_unsafe_characters_of_a_file_name_are_replaced(spec: DeploymentSpec, planned: Plan) -> None:
    text, _ = HOSTILE["a line break in a file's name"]
    facts = {"query1": parse(answer(planned, "query1", text, ()), sent=0, received=1)}
    graph = record(spec, CertificateAndKey(WEB.crt, WEB.pem), reasons=find_drift(planned, facts, installed=(), now=NOW))
    assert plain(graph.requests["query1-packages"].object)["update"] == (
        f"sudo -n bash -s -- packages   # drift: /etc/{SHOWN} was removed since {THEN}"
    )
    assert plain(graph.requests["query2-packages"].object)["update"] == "sudo -n bash -s -- packages"

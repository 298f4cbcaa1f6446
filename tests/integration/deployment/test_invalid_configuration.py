"""An invalid configuration is refused before anything is registered, and no host is contacted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cluster import QUIET, Cluster
from tests.support.stack_file import write_config
from tests.unit.config.cases import BAD, changed, load_case

pytestmark = pytest.mark.lab
ROOT = "pulumi:pulumi:Stack"
LINES = 15  # on the console, blank ones not counted
CASES = (
    "several-at-once",
    "missing-known-parts",
    "even-etcd-in-production",
    "unknown-release",
    "unknown-profile-key",
    "override-of-a-wrong-shape",
    "service-on-undeclared-host",
    "build-without-quotes",
)
COMMANDS = (("preview", "--suppress-progress"), ("up", *QUIET))


@dataclass
class Run:
    """One command: its exit status, its output, and the types of the resources in the engine's events."""

    status: int
    output: str
    types: set[str]

    @property
    def diagnostics(self) -> list[str]:
        """The lines below the engine's heading Diagnostics, without indentation and the prefix error."""
        lines = self.output.partition("\nDiagnostics:\n")[2].partition("\nResources:\n")[0].splitlines()
        return [line.strip().removeprefix("error: ") for line in lines[1:] if line.strip()]


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, whose stack file each test writes."""
    before = connections(cluster)
    cluster.lab.ssh("h1", "true")
    assert connections(cluster) > before, "connections are not counted, so that the tests would verify nothing"
    return cluster.copy(tmp_path_factory.mktemp("refused"))


@pytest.fixture(autouse=True)
def _untouched(cluster: Cluster, copy: Cluster) -> Iterator[None]:
    """Assert that no test connects to the host or leaves a file on it."""
    assert copy.lab is cluster.lab
    before = connections(cluster)
    yield
    assert connections(cluster) == before
    assert not (cluster.lab.upper("h1") / "var/lib/deephaven-install").exists()
    assert not (cluster.lab.upper("h1") / "var/lib/deephaven-upload").exists()


def connections(cluster: Cluster) -> int:
    """Return the number of ssh connections to the host, read from its journal without a connection."""
    journal = ["journalctl", "-D", str(cluster.lab.root("h1") / "var/log/journal"), "-u", "ssh", "-o", "cat"]
    lines = cluster.lab.exec(journal).stdout.splitlines()
    return sum(line.startswith(("Accepted ", "Connection ", "Invalid user")) for line in lines)


def run(copy: Cluster, command: tuple[str, ...], tmp_path: Path, **env: str) -> Run:
    """Run a command and read the engine's events."""
    events = tmp_path / "events"
    variables = {"PULUMI_DEBUG_COMMANDS": "true", **env}
    done = copy.stack.pulumi(*command, "--event-log", str(events), check=False, env=variables)
    return Run(done.returncode, done.stdout + done.stderr, set(_types(events)))


def _types(events: Path) -> Iterator[str]:
    for line in events.read_text().splitlines():
        for event in json.loads(line).values():
            if isinstance(event, dict) and "metadata" in event:
                yield event["metadata"]["type"]


def assert_refused(refused: Run, findings: list[str]) -> None:
    """Assert that a run reports each finding once and nothing else, and registers no resource."""
    assert refused.status != 0
    assert refused.types == {ROOT}
    assert "Traceback" not in refused.output
    assert refused.diagnostics == findings
    assert len([line for line in refused.output.splitlines() if line.strip()]) <= LINES


@pytest.mark.parametrize(
    ("case", "command"),
    [(CASES[0], COMMANDS[0]), *((case, COMMANDS[1]) for case in CASES)],
    ids=lambda value: value if isinstance(value, str) else str(value[0]),
)
def test_a_bad_stack_is_refused(
    copy: Cluster, cluster: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]
) -> None:
    change, findings = load_case(BAD / f"{case}.yaml")
    write_config(copy, changed(cluster.configuration(), change))
    assert_refused(run(copy, command, tmp_path), findings)


ARGUMENTS: Mapping[str, tuple[object, str]] = {
    "unknown group": ("{infrra.fqdn}", "unknown group 'infrra'"),
    "unknown variable": ("{primary.name}", "unknown variable 'name' of group primary"),
    "invalid argument": (
        {"eech": "dis"},
        "invalid argument {'eech': 'dis'}; write a string, {each, args} or {join, with}",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_an_invalid_argument_template_is_refused(copy: Cluster, cluster: Cluster, tmp_path: Path, case: str) -> None:
    argument, words = ARGUMENTS[case]
    overrides = {"scripts": {"routing": {"command": ["/bin/true", argument]}}}
    write_config(copy, changed(cluster.configuration(), {"release": {"overrides": overrides}}))
    refused = run(copy, COMMANDS[0], tmp_path)
    assert_refused(refused, refused.diagnostics)
    (finding,) = refused.diagnostics
    assert words in finding


OVERRIDES: Mapping[str, Mapping[str, object]] = {
    "units.etdc": {"units": {"etdc": "deephaven-etcd"}},
    "roles.inra": {"roles": {"inra": "core-infra"}},
    "paths.truststor": {"paths": {"truststor": "/etc/truststore.pem"}},
    "services.by_role.inra": {"services": {"by_role": {"inra": ["dh_web"]}}},
    "scripts.endpoint": {"scripts": {"endpoint": {"command": ["/bin/true"]}}},
}


@pytest.mark.parametrize("key", OVERRIDES)
def test_an_override_of_an_unknown_key_is_refused(copy: Cluster, cluster: Cluster, tmp_path: Path, key: str) -> None:
    write_config(copy, changed(cluster.configuration(), {"release": {"overrides": OVERRIDES[key]}}))
    where = f"deephaven:cluster.release.overrides.{key}"
    finding = f"{where}: unknown key of the release profile; check its spelling or remove it"
    assert_refused(run(copy, COMMANDS[0], tmp_path), [finding])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_missing_rpm_is_refused(copy: Cluster, cluster: Cluster, tmp_path: Path, command: tuple[str, ...]) -> None:
    write_config(copy, changed(cluster.configuration(), {"release": {"rpm": {"file": "lab/nothing.rpm"}}}))
    message = "cannot read lab/nothing.rpm: No such file or directory; put the vendor's RPM there"
    assert_refused(run(copy, command, tmp_path), [f"deephaven:cluster.release.rpm.file: {message}"])


def known_hosts(cluster: Cluster, key_types: tuple[str, ...]) -> str:
    """Return the lines of known_hosts with some types of keys."""
    lines = (cluster.lab.state / "known_hosts").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.split()[1].startswith(key_types))


HOST_KEYS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "no key": (
        ("none",),
        "its host key is missing from {file}; run ssh-keyscan -t ed25519, compare the fingerprint, add it",
    ),
    "only an RSA key": (("ssh-rsa",), "{file} has only its ssh-rsa key; add its ed25519 or ecdsa key"),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
@pytest.mark.parametrize("case", HOST_KEYS)
def test_a_host_without_a_usable_key_in_known_hosts_is_refused(
    copy: Cluster, cluster: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]
) -> None:
    key_types, message = HOST_KEYS[case]
    write_config(copy, cluster.configuration())
    file = tmp_path / "known_hosts"
    file.write_text(known_hosts(cluster, key_types))
    refused = run(copy, command, tmp_path, DEEPHAVEN_KNOWN_HOSTS=str(file))
    assert_refused(refused, [f"deephaven:cluster.hosts.infra: h1.lab.internal: {message.format(file=file)}"])


def test_a_good_stack_is_not_refused(copy: Cluster, cluster: Cluster, tmp_path: Path) -> None:
    write_config(copy, changed(cluster.configuration(), {"facts": "off"}))  # a preview then connects to no host
    file = tmp_path / "known_hosts"
    file.write_text(known_hosts(cluster, ("ecdsa",)))
    preview = run(copy, COMMANDS[0], tmp_path, DEEPHAVEN_KNOWN_HOSTS=str(file))
    assert preview.status == 0, preview.output
    assert "command:remote:Command" in preview.types

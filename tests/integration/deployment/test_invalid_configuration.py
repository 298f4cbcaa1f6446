"""What the program refuses is refused before anything is registered: console, engine events and host agree."""

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
class Refused:
    """One refused run: what it printed, and the types of the resources in the engine's events."""

    status: int
    said: str
    types: set[str]

    @property
    def told(self) -> list[str]:
        """The lines below the engine's heading Diagnostics, without indentation and the engine's own mark."""
        lines = self.output.partition("\nDiagnostics:\n")[2].partition("\nResources:\n")[0].splitlines()
        return [line.strip().removeprefix("error: ") for line in lines[1:] if line.strip()]


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, whose stack file each test writes."""
    before = connections(cluster)
    cluster.lab.ssh("h1", "true")
    assert connections(cluster) > before, "a connection is not seen, so that its absence would say nothing"
    return cluster.copy(tmp_path_factory.mktemp("refused"))


@pytest.fixture(autouse=True)
def untouched(cluster: Cluster, copy: Cluster) -> Iterator[None]:
    """Hold that no test makes the host see a connection or keeps anything on it."""
    assert copy.lab is cluster.lab
    before = connections(cluster)
    yield
    assert connections(cluster) == before
    assert not (cluster.lab.upper("h1") / "var/lib/deephaven-install").exists()
    assert not (cluster.lab.upper("h1") / "var/lib/deephaven-upload").exists()


def connections(cluster: Cluster) -> int:
    """Return how many ssh connections the host has seen, told without making one."""
    journal = ["journalctl", "-D", str(cluster.lab.root("h1") / "var/log/journal"), "-u", "ssh", "-o", "cat"]
    lines = cluster.lab.exec(journal).stdout.splitlines()
    return sum(line.startswith(("Accepted ", "Connection ", "Invalid user")) for line in lines)


def run(copy: Cluster, command: tuple[str, ...], tmp_path: Path, **env: str) -> Refused:
    """Run a command to its end and read what the engine's events are about."""
    events = tmp_path / "events"
    variables = {"PULUMI_DEBUG_COMMANDS": "true", **env}
    done = copy.stack.pulumi(*command, "--event-log", str(events), check=False, env=variables)
    return Refused(done.returncode, done.stdout + done.stderr, set(_types(events)))


def _types(events: Path) -> Iterator[str]:
    for line in events.read_text().splitlines():
        for event in json.loads(line).values():
            if isinstance(event, dict) and "metadata" in event:
                yield event["metadata"]["type"]


def check(refused: Refused, says: list[str]) -> None:
    """Hold what every refusal is: each line once, nothing else, no traceback, no resource."""
    assert refused.status != 0
    assert refused.types == {ROOT}
    assert "Traceback" not in refused.output
    assert refused.told == says
    assert len([line for line in refused.output.splitlines() if line.strip()]) <= LINES


@pytest.mark.parametrize(
    ("case", "command"),
    [(CASES[0], COMMANDS[0]), *((case, COMMANDS[1]) for case in CASES)],
    ids=lambda value: value if isinstance(value, str) else str(value[0]),
)
def test_a_bad_stack(copy: Cluster, cluster: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]) -> None:
    change, says = load_case(BAD / f"{case}.yaml")
    write_config(copy, changed(cluster.configuration(), change))
    check(run(copy, command, tmp_path), says)


ARGUMENTS: Mapping[str, tuple[object, str]] = {
    "of an unknown group": ("{infrra.fqdn}", "unknown group 'infrra'"),
    "of an unknown variable": ("{primary.name}", "unknown variable 'name' of group primary"),
    "of another form": (
        {"eech": "dis"},
        "invalid argument {'eech': 'dis'}; write a string, {each, args} or {join, with}",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_an_argument(copy: Cluster, cluster: Cluster, tmp_path: Path, case: str) -> None:
    argument, words = ARGUMENTS[case]
    overrides = {"scripts": {"routing": {"command": ["/bin/true", argument]}}}
    write_config(copy, changed(cluster.configuration(), {"release": {"overrides": overrides}}))
    refused = run(copy, COMMANDS[0], tmp_path)
    check(refused, refused.told)
    assert len(refused.told) == 1
    assert words in refused.told[0]


NAMES: Mapping[str, Mapping[str, object]] = {
    "units.etdc": {"units": {"etdc": "deephaven-etcd"}},
    "roles.inra": {"roles": {"inra": "core-infra"}},
    "paths.truststor": {"paths": {"truststor": "/etc/truststore.pem"}},
    "services.by_role.inra": {"services": {"by_role": {"inra": ["dh_web"]}}},
    "scripts.endpoint": {"scripts": {"endpoint": {"command": ["/bin/true"]}}},
}


@pytest.mark.parametrize("name", NAMES)
def test_an_override_of_what_the_profile_does_not_have(
    copy: Cluster, cluster: Cluster, tmp_path: Path, name: str
) -> None:
    write_config(copy, changed(cluster.configuration(), {"release": {"overrides": NAMES[name]}}))
    where = f"deephaven:cluster.release.overrides.{name}"
    line = f"{where}: unknown key of the release profile; check its spelling or remove it"
    check(run(copy, COMMANDS[0], tmp_path), [line])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_an_rpm_that_is_not_there(copy: Cluster, cluster: Cluster, tmp_path: Path, command: tuple[str, ...]) -> None:
    write_config(copy, changed(cluster.configuration(), {"release": {"rpm": {"file": "lab/nothing.rpm"}}}))
    line = "cannot read lab/nothing.rpm: No such file or directory; put the vendor's RPM there"
    check(run(copy, command, tmp_path), [f"deephaven:cluster.release.rpm.file: {line}"])


def known(cluster: Cluster, kinds: tuple[str, ...]) -> str:
    """Return the lines of known_hosts with some types of keys."""
    lines = (cluster.lab.state / "known_hosts").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.split()[1].startswith(kinds))


HOST_KEYS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "unknown": (
        ("none",),
        "its host key is missing from {file}; run ssh-keyscan -t ed25519, compare the fingerprint, add it",
    ),
    "known by its RSA key alone": (("ssh-rsa",), "{file} has only its ssh-rsa key; add its ed25519 or ecdsa key"),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
@pytest.mark.parametrize("case", HOST_KEYS)
def test_a_host_that_is(copy: Cluster, cluster: Cluster, tmp_path: Path, case: str, command: tuple[str, ...]) -> None:
    kinds, line = HOST_KEYS[case]
    write_config(copy, cluster.configuration())
    file = tmp_path / "known"
    file.write_text(known(cluster, kinds))
    refused = run(copy, command, tmp_path, DEEPHAVEN_KNOWN_HOSTS=str(file))
    assert refused.told == [f"deephaven:cluster.hosts.infra: h1.lab.internal: {line.format(file=file)}"]
    check(refused, refused.told)


def test_a_good_stack_is_not_refused(copy: Cluster, cluster: Cluster, tmp_path: Path) -> None:
    write_config(copy, changed(cluster.configuration(), {"facts": "off"}))  # so that no connection is made
    file = tmp_path / "known"
    file.write_text(known(cluster, ("ecdsa",)))
    shown = run(copy, COMMANDS[0], tmp_path, DEEPHAVEN_KNOWN_HOSTS=str(file))
    assert shown.status == 0, shown.output
    assert "command:remote:Command" in shown.types

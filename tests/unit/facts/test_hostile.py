"""Hostile hosts over real connections: each is unreachable or refused on its own, and none affects another."""

import logging
import time
from collections.abc import Iterator, Mapping

import asyncssh
import pytest

from components.errors import HostConnectionError
from components.facts import reader
from components.facts.model import Facts, HostFacts, Unreachable
from components.facts.parse import parse
from components.facts.reader import read
from tests.unit.facts.hostile import Hosts, aborts, agent, answers, disconnects, repeats, silent
from tests.unit.facts.hostile_answers import ANSWERS
from tests.unit.facts.hostile_rows import ESC
from tests.unit.facts.records import recorded
from tests.unit.facts.texts import bad_texts

HONEST = recorded("query").encode()
LIMIT = 10.0  # seconds, for hosts that answer at once
SHORT = 1.5  # seconds, for hosts that never finish
UP = "check that the host is up and can be reached from here"
AGAIN = "run pulumi again; if that does not help, check what the login shell and sudo bash -s do on it"
LATE = Unreachable(f"it does not answer within {SHORT} s", UP)
SUDO = "and without a terminal"

BEHAVIOURS = {
    "honest": answers(HONEST),
    "hasty": answers(HONEST, at_once=True),
    "endless-output": repeats("stdout", b"x" * 32768),
    "endless-errors": repeats("stderr", b"sudo: x\n" * 4096),
    "trickle": repeats("stdout", b"x", pause=0.2),
    "silent": silent,
    "aborts": aborts,
    "disconnects": disconnects(2, f"{ESC}\nforged: line\u202e\u2028 of text"),
    "disconnects-at-length": disconnects(2, "x" * 30_000),
    "disconnects-as-unverified": disconnects(9, "no such key"),
    "sudo": answers(b"", f"{ESC}\nsudo: {ESC}no\u202e\rsudo: forged\nerror: forged\n".encode()),
    "sudo-at-once": answers(b"", b"sudo: a password is required\n", at_once=True),
    "sudo-at-length": answers(b"", b"sudo: " + b"x" * 60_000),
    "sudo-and-an-answer": answers(HONEST, b"sudo: a password is required\n"),
    **{name: answers(answer.sent) for name, answer in ANSWERS.items()},
}
BROKE = "the connection broke: "
UNREADABLE: Mapping[str, tuple[str, Unreachable]] = {
    "endless-output": ("pinned", Unreachable("it sends more than 1024 KiB", AGAIN, answers=True)),
    "endless-errors": ("pinned", Unreachable("it sends more than 64 KiB", AGAIN, answers=True)),
    "aborts": ("pinned", Unreachable(f"{BROKE}Connection lost", UP)),
    "disconnects": ("pinned", Unreachable(f"{BROKE}?[2J?]0;title? forged: line? of text", UP)),
    "disconnects-at-length": ("pinned", Unreachable(f"{BROKE}{'x' * 117}...", UP)),
    "disconnects-as-unverified": ("pinned", Unreachable(f"{BROKE}no such key", UP)),
    "farewell": ("pinned", Unreachable(f"{BROKE}?[2J?]0;title? forged", UP)),
    "farewell-as-unverified": ("pinned", Unreachable(f"{BROKE}forged", UP)),
    "no-session": ("pinned", Unreachable("it does not open a session: ?[2J?]0;title? forged", AGAIN, answers=True)),
    "closes": ("closes", Unreachable(f"{BROKE}Connection lost", UP)),
    "garbage": ("garbage", Unreachable(f"{BROKE}Too many banner lines", UP)),
}
REFUSED = {
    "sudo": f"sudo refuses sudo (sudo: ?[2J?]0;title?no?); allow sudo sudo without a password (NOPASSWD) {SUDO}",
    "sudo-at-once": "sudo asks sudo-at-once for a password; allow sudo-at-once sudo without one (NOPASSWD)",
    "sudo-at-length": (
        f"sudo refuses sudo-at-length (sudo: {'x' * 111}...); allow sudo-at-length sudo without a password (NOPASSWD)"
        f" {SUDO}"
    ),
    "stranger": "the host rejects the agent's keys for stranger; check ssh.user, and ssh-add -l",
}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Yield all hosts, with the operator's agent in this process's environment."""
    with agent(tmp_path_factory.mktemp("agent")) as (socket, key), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSH_AUTH_SOCK", str(socket))
        hosts = Hosts(key)
        hosts.behaviours.update(BEHAVIOURS)
        hosts.farewells.update({"farewell": (2, f"{ESC}\nforged"), "farewell-as-unverified": (9, "forged")})
        hosts.refusals["no-session"] = (1, f"{ESC}\nforged")
        hosts.closed.add("stranger")
        hosts.start()
        try:
            yield hosts
        finally:
            hosts.stop()


def read_with_neighbour(hosts: Hosts, name: str, port: str = "pinned") -> HostFacts:
    """Read one host next to an honest one, whose facts must arrive; nothing may be printed or logged."""
    began = time.monotonic()
    results = read({name: hosts.target(name, port), "neighbour": hosts.target("honest")}, limit=LIMIT)
    assert time.monotonic() - began < LIMIT / 2
    assert_honest(results["neighbour"])
    return results[name]


def assert_honest(host: HostFacts) -> None:
    assert isinstance(host, Facts)
    assert host.system.host_name == "h2.lab.internal"


@pytest.fixture(autouse=True)
def _nothing_is_printed(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records if record.threadName != "hostile"] == []
    out, err = capfd.readouterr()
    assert (out, [line for line in err.splitlines() if "socket.send() raised" not in line]) == ("", [])


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_its_outcome(hosts: Hosts, name: str) -> None:
    answer, results = ANSWERS[name], read_with_neighbour(hosts, name)
    assert bad_texts(results) == []
    if answer.shows is None:
        assert results == Unreachable(answer.reason, AGAIN, answers=True)
        return
    assert isinstance(results, Facts)
    assert answer.shows(results) == answer.value


@pytest.mark.parametrize("name", UNREADABLE)
def test_each_broken_connection_has_its_reason(hosts: Hosts, name: str) -> None:
    port, expected = UNREADABLE[name]
    assert read_with_neighbour(hosts, name, port) == expected


@pytest.mark.parametrize("name", ["honest", "hasty", "sudo-and-an-answer"])
def test_an_honest_host_is_read(hosts: Hosts, name: str) -> None:
    assert_honest(read_with_neighbour(hosts, name))


@pytest.mark.parametrize("name", REFUSED)
def test_a_host_that_denies_access_is_refused_in_one_line(hosts: Hosts, name: str) -> None:
    with pytest.raises(HostConnectionError) as refusal:
        read_with_neighbour(hosts, name)
    port = hosts.ports["pinned"]
    assert refusal.value.findings == (f"{name} ({name}.lab.internal): at 127.0.0.1 port {port}: {REFUSED[name]}",)


def test_another_host_key_is_refused_with_both_fingerprints(hosts: Hosts) -> None:
    with pytest.raises(HostConnectionError) as refusal:
        read_with_neighbour(hosts, "honest", "other")
    pinned, shown = (key.get_fingerprint() for key in (hosts.pinned, hosts.other))
    (line,) = refusal.value.findings
    assert line == (
        f"honest (honest.lab.internal): at 127.0.0.1 port {hosts.ports['other']}: host key mismatch: expected {pinned},"
        f" got {shown}; if the host was reinstalled, compare the new key with the host's own and put it into"
        " known_hosts; if not, suspect a man-in-the-middle attack"
    )


def test_endless_hosts_end_with_the_limit_and_delay_no_other(hosts: Hosts) -> None:
    """Read all of them in parallel, next to honest hosts."""
    names = ["silent", "trickle", "mute"]
    targets = {name: hosts.target(name, "mute" if name == "mute" else "pinned") for name in names}
    targets |= {f"{name}-neighbour": hosts.target("honest") for name in names}
    began = time.monotonic()
    results = read(targets, limit=SHORT)
    assert SHORT <= time.monotonic() - began < SHORT + 1
    assert {name: results[name] for name in names} == dict.fromkeys(names, LATE)
    for name in names:
        assert_honest(results[f"{name}-neighbour"])


def test_many_hostile_hosts_do_not_delay_an_honest_one(hosts: Hosts) -> None:
    names = [*ANSWERS, *UNREADABLE]
    targets = {name: hosts.target(name, UNREADABLE.get(name, ("pinned", None))[0]) for name in names}
    results = read({**targets, "neighbour": hosts.target("honest")}, limit=LIMIT)
    assert_honest(results["neighbour"])
    assert {name: results[name] for name in UNREADABLE} == {
        name: expected for name, (_, expected) in UNREADABLE.items()
    }
    assert bad_texts(results) == []


def test_slow_parsing_does_not_use_up_the_limit_of_a_host(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(answer: bytes, *, sent: float, received: float) -> Facts:
        time.sleep(SHORT + 0.1)
        return parse(answer, sent=sent, received=received)

    monkeypatch.setattr(reader, "parse", slow)
    results = read({"honest": hosts.target("honest"), "neighbour": hosts.target("honest")}, limit=SHORT)
    for host in results.values():
        assert_honest(host)


def test_only_the_agents_key_is_used(hosts: Hosts) -> None:
    assert isinstance(hosts.key, asyncssh.SSHKey)
    hosts.key, agents = hosts.other.convert_to_public(), hosts.key
    try:
        with pytest.raises(HostConnectionError, match="the host rejects the agent's keys for honest"):
            read_with_neighbour(hosts, "honest")
    finally:
        hosts.key = agents

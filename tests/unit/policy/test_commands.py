"""The rules of commands and of secrets, on a good step and on bad ones."""

from typing import Any

import pytest

from policy.rules.model import UNKNOWN, Resource, Secret
from policy.rules.tokens import COMMAND, COPY, PRIVATE_KEY
from tests.support.certificates import make
from tests.unit.policy.cases import CONNECTION, KEY, STEP, command, say

BAD: list[tuple[dict[str, Any], str]] = [
    ({"connection": None}, "has no connection; set connection with a pinned host key and a user"),
    ({"connection": "h1"}, "has no connection"),
    ({"connection": {"hostKey": None}}, "does not pin its host's ed25519 or ecdsa key; set connection.host_key"),
    ({"connection": {"hostKey": "ssh-rsa AAAA"}}, "does not pin its host's ed25519 or ecdsa key"),
    ({"connection": {"password": "x"}}, "logs in with a password; use the ssh-agent, or a private key"),
    ({"connection": {"user": None}}, "logs in as the default user"),
    ({"connection": {"dialErrorLimit": None}}, "may dial without end: it has no dialErrorLimit"),
    ({"connection": {"perDialTimeout": -1.0}}, "may dial without end: it has no perDialTimeout"),
    ({"connection": {"proxy": {**CONNECTION, "hostKey": ""}}}, "infra-host (bastion): does not pin"),
    ({"triggers": ["now"]}, "has triggers: they replace"),
    ({"environment": {"A": "b"}}, "has environment: sshd drops it"),
    ({"create": "rm -rf /tmp/x"}, "create is not the launcher; write sudo -n bash -s -- STEP"),
    ({"update": "sudo -n bash -s -- host; reboot"}, "update is not the launcher"),
    ({"update": "sudo -n bash -s -- host   # drift: x\nreboot"}, "update is not the launcher"),
    ({"delete": "reboot"}, "delete is not the launcher"),
    *(
        ({"update": f"sudo -n bash -s -- host   # drift: {remark}"}, "update is not the launcher")
        for remark in (
            "a\n",
            "a\nb",
            "a\rb",
            "it's",
            'a"b',
            "a;b",
            "$a",
            "$(a)",
            "(a)",
            "`a`",
            "a\\b",
            "a|b",
            "a&b",
            "<a",
            "ü",
        )
    ),
    ({"logging": "stdoutAndStderr"}, "logs what it prints"),
    ({"logging": None}, "logs what it prints"),
    ({"stdin": None}, "has no time limit; give the step a limit"),
    ({"stdin": "step_limit=0\n"}, "may run for 0 s"),
    ({"stdin": "step_limit=86400\n"}, "may run for 86400 s, at most 3600 are wanted"),
]


@pytest.mark.parametrize(("change", "words"), BAD, ids=lambda value: str(value)[:50])
def test_a_bad_command(change: dict[str, Any], words: str) -> None:
    said = say("commands", command(**change))
    assert len(said) == 1, said
    assert words in said[0]


def test_a_good_command() -> None:
    assert say("commands", command()) == []
    assert say("commands", command(update="sudo -n bash -s -- host   # drift: a file changed since 12:00")) == []
    assert say("commands", command(connection=Secret({**CONNECTION, "privateKey": "x"}))) == []
    assert say("commands", command(stdin=Secret("step_limit=60\nstep_limit='30'"))) == []


def test_a_remark_holds_safe_characters() -> None:
    remark = "drift: /etc/a-b_c.d was removed, unit x@1 is failed since 2026-01-01T00:00:00+00:00, a=b"
    assert say("commands", command(update=f"sudo -n bash -s -- host   # {remark}")) == []


def test_a_good_copy_and_a_bad_one() -> None:
    good = {"connection": CONNECTION, "remotePath": "/var/tmp/x"}  # noqa: S108 - where a copy goes
    assert say("commands", Resource(type=COPY, name="copy", properties=good)) == []
    said = say("commands", Resource(type=COPY, name="copy", properties={"connection": {}, "triggers": [1]}))
    assert len(said) == 5
    assert say("commands", Resource(type=COPY, name="copy")) == [
        "copy: has no connection; set connection with a pinned host key and a user"
    ]


def test_known_users_may_be_named() -> None:
    assert say("commands", command(), users=["centos"]) == []
    assert say("commands", command(), users=["deploy"]) == [
        "infra-host: logs in as centos; set connection.user to one of deploy"
    ]


def test_what_a_command_is_given_is_never_shown() -> None:
    hidden = {"create": "echo hunter2", "stdin": "step_limit=0 hunter2", "connection": {"password": "hunter2"}}
    assert "hunter2" not in "\n".join(say("commands", command(**hidden)) + say("secrets", command(**hidden)))


@pytest.mark.parametrize("rule", ["commands", "secrets"])
@pytest.mark.parametrize("key", ["connection", "stdin"])
def test_what_is_unknown_is_told(rule: str, key: str) -> None:
    assert say(rule, command(**{key: UNKNOWN})) == [f"infra-host: {key} is not known"]


def test_an_unknown_part_of_a_connection_is_told_and_the_rest_is_judged() -> None:
    said = say("commands", command(connection={"host": UNKNOWN, "hostKey": UNKNOWN, "password": "x"}))
    assert [line.partition(";")[0] for line in said] == [
        "infra-host: connection.host is not known",
        "infra-host: connection.hostKey is not known",
        "infra-host: logs in with a password",
    ]
    assert [say("commands", command(**{key: UNKNOWN})) for key in ("create", "logging")] == [
        ["infra-host: create is not known"],
        ["infra-host: logging is not known"],
    ]


WEB = make("Web")
TOKEN = "hQ7vR2mXbT9kLpZ4cW8nYsD3gJ6fA1eU"  # noqa: S105 - random letters
SECRETS: list[tuple[dict[str, Any], str]] = [
    ({"stdin": f"password={TOKEN}\n"}, "stdin holds what looks like a secret, in clear"),
    ({"create": f"curl -H 'Token: {TOKEN}'"}, "create holds what looks like a secret"),
    ({"environment": {"A": ["x", TOKEN]}}, "environment.A[1] holds what looks like a secret"),
    ({"stdin": f"key='{WEB.pem}'\n"}, "stdin holds a private key in clear"),
    ({"connection": {"privateKey": "short"}}, "connection.privateKey is a secret in plain text"),
    ({"connection": {"password": "short"}}, "connection.password is a secret in plain text"),
]


@pytest.mark.parametrize(("change", "words"), SECRETS, ids=lambda value: str(value)[:30])
def test_a_secret_in_clear(change: dict[str, Any], words: str) -> None:
    said = say("secrets", command(**change))
    assert len(said) == 1, said
    assert words in said[0]
    assert TOKEN not in said[0]


@pytest.mark.parametrize("change", [change for change, _ in SECRETS], ids=lambda value: str(value)[:30])
def test_the_same_marked_as_a_secret(change: dict[str, Any]) -> None:
    marked = {key: Secret(value) for key, value in {**STEP, **change}.items()}
    one = Resource(type=COMMAND, name="one", properties=marked, secret_outputs=["stdout", "stderr"])
    assert say("secrets", one) == []


def test_what_is_public_is_no_secret() -> None:
    public = ["a" * 64, KEY, f"host={KEY.split()[0]} {KEY.split()[1]}", WEB.crt, f"SHA256:{TOKEN}{TOKEN[:11]}"]
    public += ["3f786850e387550fdab836ed7e6dc881de23001b", "/usr/illumon/latest/install/set_iris_endpoints_prop.sh"]
    assert say("secrets", command(stdin="\n".join(public))) == []


def test_a_name_may_be_a_secret_too() -> None:
    assert say("secrets", Resource(type=COMMAND, name=f"a-{TOKEN}")) != []


def test_what_prints_a_secret_must_keep_its_output_secret() -> None:
    told = Resource(type=COMMAND, name="one", properties={"stdin": Secret("x")}, secret_outputs=["stdout"])
    assert "add stdout and stderr to additional_secret_outputs" in say("secrets", told)[0]


def test_where_marks_cannot_be_seen_everything_is_refused() -> None:
    blind = Resource(type=PRIVATE_KEY, name="one", properties={"algorithm": "RSA"}, marked=False)
    assert "which of its properties are secret cannot be seen" in say("secrets", blind)[0]


def test_length_and_entropy_may_be_set() -> None:
    assert say("secrets", command(stdin=TOKEN), length=40) == []
    assert say("secrets", command(stdin=TOKEN), entropy=5.5) == []

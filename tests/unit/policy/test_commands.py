"""The rules commands and secrets, with a good step and with bad ones."""

from typing import Any

import pytest

from policy.rules.model import UNKNOWN, Resource, Secret
from policy.rules.tokens import COMMAND, COPY, PRIVATE_KEY
from tests.support.certificates import make
from tests.unit.policy.cases import CONNECTION, KEY, STEP, command, messages

BAD: list[tuple[dict[str, Any], str]] = [
    ({"connection": None}, "has no connection; set connection with a pinned host key and a user"),
    ({"connection": "h1"}, "has no connection"),
    ({"connection": {"hostKey": None}}, "does not pin its host's ed25519 or ecdsa key; set connection.host_key"),
    ({"connection": {"hostKey": "ssh-rsa AAAA"}}, "does not pin its host's ed25519 or ecdsa key"),
    ({"connection": {"password": "x"}}, "logs in with a password; use the ssh-agent, or a private key"),
    ({"connection": {"user": None}}, "logs in as the default user"),
    ({"connection": {"dialErrorLimit": None}}, "lacks dialErrorLimit, so it may dial forever"),
    ({"connection": {"perDialTimeout": -1.0}}, "lacks perDialTimeout, so it may dial forever"),
    ({"connection": {"proxy": {**CONNECTION, "hostKey": ""}}}, "infra-host (bastion): does not pin"),
    ({"triggers": ["now"]}, "has triggers: they replace the resource"),
    ({"environment": {"A": "b"}}, "has environment: sshd ignores it"),
    ({"create": "rm -rf /tmp/x"}, "create is not the launcher; write sudo -n bash -s -- STEP"),
    ({"update": "sudo -n bash -s -- host; reboot"}, "update is not the launcher"),
    ({"update": "sudo -n bash -s -- host   # drift: x\nreboot"}, "update is not the launcher"),
    ({"delete": "reboot"}, "delete is not the launcher"),
    *(
        ({"update": f"sudo -n bash -s -- host   # drift: {comment}"}, "update is not the launcher")
        for comment in (
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
    ({"logging": "stdoutAndStderr"}, "logs its output"),
    ({"logging": None}, "logs its output"),
    ({"stdin": None}, "has no time limit; set a time limit"),
    ({"stdin": "step_limit=0\n"}, "may run for 0 s"),
    ({"stdin": "step_limit=86400\n"}, "may run for 86400 s, but at most 3600 s are allowed"),
]


@pytest.mark.parametrize(("change", "words"), BAD, ids=lambda value: str(value)[:50])
def test_a_bad_command_has_one_finding(change: dict[str, Any], words: str) -> None:
    lines = messages("commands", command(**change))
    assert len(lines) == 1, lines
    assert words in lines[0]


def test_a_good_command_has_no_finding() -> None:
    assert messages("commands", command()) == []
    assert messages("commands", command(update="sudo -n bash -s -- host   # drift: a file changed since 12:00")) == []
    assert messages("commands", command(connection=Secret({**CONNECTION, "privateKey": "x"}))) == []
    assert messages("commands", command(stdin=Secret("step_limit=60\nstep_limit='30'"))) == []


def test_a_comment_may_contain_safe_characters() -> None:
    comment = "drift: /etc/a-b_c.d was removed, unit x@1 is failed since 2026-01-01T00:00:00+00:00, a=b"
    assert messages("commands", command(update=f"sudo -n bash -s -- host   # {comment}")) == []


def test_copies_need_a_connection_too() -> None:
    good = {"connection": CONNECTION, "remotePath": "/var/tmp/x"}  # noqa: S108 - where a copy goes
    assert messages("commands", Resource(type=COPY, name="copy", properties=good)) == []
    lines = messages("commands", Resource(type=COPY, name="copy", properties={"connection": {}, "triggers": [1]}))
    assert len(lines) == 5
    assert messages("commands", Resource(type=COPY, name="copy")) == [
        "copy: has no connection; set connection with a pinned host key and a user"
    ]


def test_the_allowed_users_can_be_set() -> None:
    assert messages("commands", command(), users=["centos"]) == []
    assert messages("commands", command(), users=["deploy"]) == [
        "infra-host: logs in as centos; set connection.user to one of deploy"
    ]


def test_inputs_of_a_command_are_never_shown() -> None:
    hidden = {"create": "echo hunter2", "stdin": "step_limit=0 hunter2", "connection": {"password": "hunter2"}}
    assert "hunter2" not in "\n".join(messages("commands", command(**hidden)) + messages("secrets", command(**hidden)))


@pytest.mark.parametrize("rule", ["commands", "secrets"])
@pytest.mark.parametrize("key", ["connection", "stdin"])
def test_an_unknown_property_is_reported(rule: str, key: str) -> None:
    assert messages(rule, command(**{key: UNKNOWN})) == [f"infra-host: {key} is unknown before the update"]


def test_the_known_part_of_a_connection_is_evaluated() -> None:
    lines = messages("commands", command(connection={"host": UNKNOWN, "hostKey": UNKNOWN, "password": "x"}))
    assert [line.partition(";")[0] for line in lines] == [
        "infra-host: connection.host is unknown before the update",
        "infra-host: connection.hostKey is unknown before the update",
        "infra-host: logs in with a password",
    ]
    assert [messages("commands", command(**{key: UNKNOWN})) for key in ("create", "logging")] == [
        ["infra-host: create is unknown before the update"],
        ["infra-host: logging is unknown before the update"],
    ]


WEB = make("Web")
TOKEN = "hQ7vR2mXbT9kLpZ4cW8nYsD3gJ6fA1eU"  # noqa: S105 - random letters
SECRETS: list[tuple[dict[str, Any], str]] = [
    ({"stdin": f"password={TOKEN}\n"}, "stdin contains a value in plain text that looks like a secret"),
    ({"create": f"curl -H 'Token: {TOKEN}'"}, "create contains a value in plain text that looks like a secret"),
    ({"environment": {"A": ["x", TOKEN]}}, "environment.A[1] contains a value in plain text that looks like a secret"),
    ({"stdin": f"key='{WEB.pem}'\n"}, "stdin contains a private key in plain text"),
    ({"connection": {"privateKey": "short"}}, "connection.privateKey is a secret in plain text"),
    ({"connection": {"password": "short"}}, "connection.password is a secret in plain text"),
]


@pytest.mark.parametrize(("change", "words"), SECRETS, ids=lambda value: str(value)[:30])
def test_a_secret_in_plain_text_is_found(change: dict[str, Any], words: str) -> None:
    lines = messages("secrets", command(**change))
    assert len(lines) == 1, lines
    assert words in lines[0]
    assert TOKEN not in lines[0]


@pytest.mark.parametrize("change", [change for change, _ in SECRETS], ids=lambda value: str(value)[:30])
def test_a_value_that_is_marked_secret_passes(change: dict[str, Any]) -> None:
    marked = {key: Secret(value) for key, value in {**STEP, **change}.items()}
    resource = Resource(type=COMMAND, name="one", properties=marked, secret_outputs=["stdout", "stderr"])
    assert messages("secrets", resource) == []


def test_public_values_are_not_secrets() -> None:
    public = ["a" * 64, KEY, f"host={KEY.split()[0]} {KEY.split()[1]}", WEB.crt, f"SHA256:{TOKEN}{TOKEN[:11]}"]
    public += ["3f786850e387550fdab836ed7e6dc881de23001b", "/usr/illumon/latest/install/set_iris_endpoints_prop.sh"]
    assert messages("secrets", command(stdin="\n".join(public))) == []


def test_a_name_is_checked_for_secrets() -> None:
    assert messages("secrets", Resource(type=COMMAND, name=f"a-{TOKEN}")) != []


def test_a_command_with_a_secret_input_must_have_a_secret_output() -> None:
    resource = Resource(type=COMMAND, name="one", properties={"stdin": Secret("x")}, secret_outputs=["stdout"])
    assert "add stdout and stderr to additional_secret_outputs" in messages("secrets", resource)[0]


def test_without_secret_marks_every_resource_is_refused() -> None:
    blind = Resource(type=PRIVATE_KEY, name="one", properties={"algorithm": "RSA"}, marked=False)
    assert "the secret marks of its properties are not available" in messages("secrets", blind)[0]


def test_length_and_entropy_can_be_set() -> None:
    assert messages("secrets", command(stdin=TOKEN), length=40) == []
    assert messages("secrets", command(stdin=TOKEN), entropy=5.5) == []

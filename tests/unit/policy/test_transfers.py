"""The rule commands for file transfers, which run on the operator's machine: launcher, properties, pinned keys."""

from typing import Any

import pytest

from components.plan import plan
from components.steps.model import FileTransfer
from components.steps.script import render_transfer
from policy.rules.model import UNKNOWN, Resource, Secret
from policy.rules.tokens import BASTION, ENDS, TRANSFER
from tests.unit.conftest import spec_of
from tests.unit.policy.cases import END, KEY, OTHER, messages, stdin_with, transfer


def test_a_good_transfer_has_no_finding() -> None:
    assert messages("commands", transfer()) == []
    assert messages("commands", transfer(stdin_with(bastion=OTHER))) == []
    assert messages("commands", transfer(stdin_with(source=OTHER, target=END, bastion=END))) == []
    assert messages("commands", transfer(update="bash -s -- auth   # again 0123456789abcdef")) == []
    assert messages("commands", transfer(stdin=Secret(stdin_with()))) == []
    without = {**transfer().properties, "interpreter": None, "dir": None, "assetPaths": None, "archivePaths": None}
    assert messages("commands", Resource(type=TRANSFER, name="query-auth", properties=without)) == []


NO_PIN = "does not pin the ed25519 or ecdsa key of its"
TRANSFERS: list[tuple[dict[str, Any], str]] = [
    ({"update": "sudo -n bash -s -- auth"}, "update is not the launcher; write bash -s -- STEP"),
    *(
        ({"update": f"bash -s -- auth{comment}"}, "update is not the launcher; write bash -s -- STEP")
        for comment in (
            "   # drift: a file changed since 12:00",
            "   # again 0123456789abcde",
            "   # again 0123456789abcdef0",
            "   # again 0123456789ABCDEF",
            "   # again 0123456789abcdef\n",
            "   # again 0123456789abcdef\nid",
            "   # again  0123456789abcdef",
            " # again 0123456789abcdef",
            "; id   # again 0123456789abcdef",
        )
    ),
    ({"create": "bash -s -- auth; id"}, "create is not the launcher"),
    ({"interpreter": ["/bin/sh", "-c"]}, "has interpreter: it runs another program than the shell; remove it"),
    ({"interpreter": []}, "has interpreter: "),
    ({"interpreter": UNKNOWN}, "has interpreter: "),
    ({"dir": "/tmp"}, "has dir: it runs in a directory of this machine; remove it"),  # noqa: S108 - the case
    ({"dir": ""}, "has dir: "),
    ({"assetPaths": ["*"]}, "has assetPaths: it copies files of this machine to the state; remove it"),
    ({"archivePaths": ["*"]}, "has archivePaths: it copies files of this machine to the state; remove it"),
    ({"environment": {"BASH_ENV": "x"}}, "has environment"),
    ({"logging": None}, "logs its output"),
    ({"stdin": stdin_with().replace("step_limit=60", "")}, "has no time limit"),
    *(
        ({"stdin": stdin_with(**{name: None})}, f"{NO_PIN} {name}; write {name}=(")
        for name in ("source", "target", "bastion")
    ),
    *(
        ({"stdin": stdin_with(**{name: words})}, f"{NO_PIN} {name}; write {name}=(ADDRESS PORT USER 'KEY') once")
        for name in ("source", "target", "bastion")
        for words in (
            END[:3],
            (*END, "x"),
            (*END[:3], ""),
            (*END[:3], "ssh-rsa AAAA"),
            (*END[:3], "ssh-ed25519"),
            (*END[:3], f"{KEY} hunter2"),
            (*END[:3], f"{KEY}\n* ssh-ed25519 AAAA"),
            ("h1\n  ProxyCommand touch /x", *END[1:]),
            ("-oProxyCommand=x", *END[1:]),
            ("h1.lab.internal", "22\n", *END[2:]),
            ("h1.lab.internal", "22", "a b", KEY),
        )
    ),
    ({"stdin": stdin_with(source=())}, f"{NO_PIN} source"),
    ({"stdin": stdin_with(target=())}, f"{NO_PIN} target"),
    ({"stdin": f"source=(h1 22 me '{KEY}')\n{stdin_with()}"}, f"{NO_PIN} source"),
    ({"stdin": stdin_with().replace("bastion=()", "bastion=''")}, f"{NO_PIN} bastion"),
    (
        {"stdin": f"{stdin_with()}source=(h9 22 root 'ssh-rsa AAAA')\n"},
        "sets source, target or bastion in its script",
    ),
    ({"stdin": f"{stdin_with()}  target[3]='ssh-rsa AAAA'\n"}, "sets source, target or bastion in its script"),
    ({"stdin": f"{stdin_with()}true; bastion+=(x)\n"}, "sets source, target or bastion in its script"),
]


@pytest.mark.parametrize(("change", "words"), TRANSFERS, ids=lambda value: str(value)[:90])
def test_a_bad_transfer_has_one_finding(change: dict[str, Any], words: str) -> None:
    lines = messages("commands", transfer(**change))
    assert len(lines) == 1, lines
    assert words in lines[0]
    assert "hunter2" not in lines[0]
    assert "AAAA" not in lines[0]


@pytest.mark.parametrize(
    "broken",
    [
        "source=('h1 22 me key)\n",
        "source=(h1 22 me $(id))\n",
        'source=(h1 22 me "key")\n',
        "source=(h1 22 me 'key'\n",
        "source=(h1  22 me key)\n",
        "id; source=(h1 22 me key)\n",
        "source=(h1 22 me 'ssh-ed25519 AAAA') # x\n",
        " ",
    ],
)
def test_an_input_that_cannot_be_parsed_pins_nothing(broken: str) -> None:
    lines = messages("commands", transfer(f"step_limit=60\n{broken}{stdin_with()}"))
    ends = [line.partition(";")[0] for line in lines if NO_PIN in line]
    assert ends == [f"query-auth: {NO_PIN} {name}" for name in ("source", "target", "bastion")]


def test_a_transfer_without_standard_input_has_no_limit_and_pins_nothing() -> None:
    lines = messages("commands", transfer(stdin=None))
    assert [line.partition(";")[0] for line in lines] == [
        "query-auth: has no time limit",
        *(f"query-auth: {NO_PIN} {name}" for name in ("source", "target", "bastion")),
    ]


def test_unknown_standard_input_of_a_transfer_is_reported() -> None:
    assert messages("commands", transfer(stdin=UNKNOWN)) == ["query-auth: stdin is unknown before the update"]


def test_the_rule_parses_the_standard_input_that_the_program_renders() -> None:
    step = plan(spec_of("production"), digest="")["query1-auth"]
    assert isinstance(step, FileTransfer)
    for bastion in ((), OTHER):
        assert messages("commands", transfer(render_transfer(step, source=END, target=OTHER, bastion=bastion))) == []
    for name in (*ENDS, BASTION):
        ends = {"source": END, "target": OTHER, "bastion": END, name: (*END[:3], "")}
        (line,) = messages("commands", transfer(render_transfer(step, **ends)))
        assert f"{NO_PIN} {name}" in line

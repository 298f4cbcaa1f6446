"""The rule of commands on relays, which run on the operator's machine: what they run, and which keys they pin."""

from typing import Any

import pytest

from components.plan import plan
from components.steps.model import FileTransfer
from components.steps.script import render_transfer
from policy.rules.model import UNKNOWN, Resource, Secret
from policy.rules.tokens import BASTION, ENDS, TRANSFER
from tests.unit.conftest import spec_of
from tests.unit.policy.cases import END, KEY, OTHER, carried, relay, say


def test_a_good_relay() -> None:
    assert say("commands", relay()) == []
    assert say("commands", relay(carried(bastion=OTHER))) == []
    assert say("commands", relay(carried(source=OTHER, target=END, bastion=END))) == []
    assert say("commands", relay(update="bash -s -- auth   # again 0123456789abcdef")) == []
    assert say("commands", relay(stdin=Secret(carried()))) == []
    without = {**relay().properties, "interpreter": None, "dir": None, "assetPaths": None, "archivePaths": None}
    assert say("commands", Resource(type=TRANSFER, name="query-auth", properties=without)) == []


NO_PIN = "does not pin the ed25519 or ecdsa key of its"
RELAYS: list[tuple[dict[str, Any], str]] = [
    ({"update": "sudo -n bash -s -- auth"}, "update is not the launcher; write bash -s -- STEP"),
    *(
        ({"update": f"bash -s -- auth{remark}"}, "update is not the launcher; write bash -s -- STEP")
        for remark in (
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
    ({"interpreter": ["/bin/sh", "-c"]}, "has interpreter: it runs something else than the launcher; remove it"),
    ({"interpreter": []}, "has interpreter: "),
    ({"interpreter": UNKNOWN}, "has interpreter: "),
    ({"dir": "/tmp"}, "has dir: it runs in a directory of this machine; remove it"),  # noqa: S108 - the case
    ({"dir": ""}, "has dir: "),
    ({"assetPaths": ["*"]}, "has assetPaths: it takes files of this machine into the state; remove it"),
    ({"archivePaths": ["*"]}, "has archivePaths: it takes files of this machine into the state; remove it"),
    ({"environment": {"BASH_ENV": "x"}}, "has environment"),
    ({"logging": None}, "logs what it prints"),
    ({"stdin": carried().replace("step_limit=60", "")}, "has no time limit"),
    *(
        ({"stdin": carried(**{name: None})}, f"{NO_PIN} {name}; write {name}=(")
        for name in ("source", "target", "bastion")
    ),
    *(
        ({"stdin": carried(**{name: words})}, f"{NO_PIN} {name}; write {name}=(ADDRESS PORT USER 'KEY') once")
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
    ({"stdin": carried(source=())}, f"{NO_PIN} source"),
    ({"stdin": carried(target=())}, f"{NO_PIN} target"),
    ({"stdin": f"source=(h1 22 me '{KEY}')\n{carried()}"}, f"{NO_PIN} source"),
    ({"stdin": carried().replace("bastion=()", "bastion=''")}, f"{NO_PIN} bastion"),
    ({"stdin": f"{carried()}source=(h9 22 root 'ssh-rsa AAAA')\n"}, "sets source, target or bastion in its script"),
    ({"stdin": f"{carried()}  target[3]='ssh-rsa AAAA'\n"}, "sets source, target or bastion in its script"),
    ({"stdin": f"{carried()}true; bastion+=(x)\n"}, "sets source, target or bastion in its script"),
]


@pytest.mark.parametrize(("change", "words"), RELAYS, ids=lambda value: str(value)[:90])
def test_a_bad_relay(change: dict[str, Any], words: str) -> None:
    said = say("commands", relay(**change))
    assert len(said) == 1, said
    assert words in said[0]
    assert "hunter2" not in said[0]
    assert "AAAA" not in said[0]


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
    said = say("commands", relay(f"step_limit=60\n{broken}{carried()}"))
    ends = [line.partition(";")[0] for line in said if NO_PIN in line]
    assert ends == [f"query-auth: {NO_PIN} {name}" for name in ("source", "target", "bastion")]


def test_a_relay_without_an_input_has_no_limit_and_pins_nothing() -> None:
    said = say("commands", relay(stdin=None))
    assert [line.partition(";")[0] for line in said] == [
        "query-auth: has no time limit",
        *(f"query-auth: {NO_PIN} {name}" for name in ("source", "target", "bastion")),
    ]


def test_of_a_relay_whose_input_is_unknown_only_that_is_told() -> None:
    assert say("commands", relay(stdin=UNKNOWN)) == ["query-auth: stdin is not known"]


def test_the_program_renders_a_relays_ends_as_the_rule_reads_them() -> None:
    task = plan(spec_of("production"), digest="")["query1-auth"]
    assert isinstance(task, FileTransfer)
    for bastion in ((), OTHER):
        assert say("commands", relay(render_transfer(task, source=END, target=OTHER, bastion=bastion))) == []
    for name in (*ENDS, BASTION):
        ends = {"source": END, "target": OTHER, "bastion": END, name: (*END[:3], "")}
        (line,) = say("commands", relay(render_transfer(task, **ends)))
        assert f"{NO_PIN} {name}" in line

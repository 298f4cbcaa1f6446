"""Hosts of another stack become a configuration like any other; each problem is one line with a remedy."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.config.loader import load_config
from components.config.stack_hosts import StackOutputs, is_reference, resolve_hosts
from components.errors import ConfigurationError

STACK = "organization/infra/prod"
HOSTS = {
    "infra": {"fqdn": "h1.lab.internal", "ip": "10.77.0.11", "ssh": {"port": 2222.0}},
    "query1": {"fqdn": "h2.lab.internal", "roles": ["query"]},
}
SECRET = {"password": "x"}
ROLES = {"infra": {"roles": ["infra", "dis", "batch", "query"]}}


def resolved(raw: Mapping[str, Any], hosts: object, **outputs: object) -> dict[str, Any]:
    """Return the resolved configuration with these hosts, if the other stack has `HOSTS` as its output `hosts`."""

    def read(stack: str) -> StackOutputs:
        assert stack == STACK
        return StackOutputs(values={"hosts": HOSTS, **outputs}, secret=frozenset({"password"}))

    return resolve_hosts({**raw, "hosts": hosts}, read)


def message(raw: Mapping[str, Any], hosts: object, **outputs: object) -> str:
    with pytest.raises(ConfigurationError) as error:
        resolved(raw, hosts, **outputs)
    (line,) = error.value.findings
    return line


def test_hosts_of_an_output_with_the_stacks_overrides_are_accepted(raw: dict[str, Any]) -> None:
    config = load_config(resolved(raw, {"stack": STACK, "output": "hosts", "overrides": ROLES}))
    assert {key: host.fqdn for key, host in config.hosts.items()} == {
        "infra": "h1.lab.internal",
        "query1": "h2.lab.internal",
    }
    assert config.hosts["infra"].roles == ["infra", "dis", "batch", "query"]
    assert config.hosts["infra"].ssh.port == 2222
    assert str(config.hosts["infra"].ip) == "10.77.0.11"
    assert config.hosts["query1"].roles == ["query"]


def test_hosts_of_the_stack_file_are_not_a_reference(raw: dict[str, Any]) -> None:
    assert not is_reference(raw)
    assert not is_reference({"hosts": {"stack": {"fqdn": "h1.lab.internal"}, "output": {"fqdn": "h2.lab.internal"}}})
    assert not is_reference(["hosts"])
    assert is_reference({"hosts": {"output": "hosts"}})


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ({"stack": STACK}, "hosts.output: is missing"),
        ({"output": "hosts"}, "hosts.stack: is missing"),
        ({"stack": STACK, "output": "hosts", "infra": {}}, "hosts.infra: "),
        ({"stack": "a b", "output": "hosts"}, "hosts.stack: invalid value 'a b'"),
        (
            {"stack": STACK, "output": "machines"},
            "hosts.output: unknown output 'machines' of organization/infra/prod; use one of",
        ),
        (
            {"stack": STACK, "output": "password"},
            "'password' of organization/infra/prod is a secret; export it unencrypted",
        ),
        ({"stack": STACK, "output": "names"}, "'names' of organization/infra/prod is not a mapping; export a mapping"),
        (
            {"stack": STACK, "output": "hosts", "overrides": {"query2": {"roles": []}}},
            "hosts.overrides.query2: unknown host of organization/infra/prod; use one of infra, query1",
        ),
    ],
)
def test_each_invalid_reference_is_one_line(raw: dict[str, Any], hosts: dict[str, Any], expected: str) -> None:
    line = message(raw, hosts, names=["h1"], **SECRET)
    assert line.startswith("deephaven:cluster.hosts")
    assert expected in line
    assert "; " in line


def test_an_invalid_host_is_refused_with_its_key_path(raw: dict[str, Any]) -> None:
    reference = {"stack": STACK, "output": "odd"}
    with pytest.raises(ConfigurationError) as error:
        load_config(resolved(raw, reference, odd={"infra": {"fqdn": "UPPER"}, "x": 5.0}))
    lines = error.value.findings
    assert any(line.startswith("deephaven:cluster.hosts.infra.fqdn: invalid value 'UPPER'") for line in lines)
    assert any(line.startswith("deephaven:cluster.hosts.x: ") for line in lines)


def test_a_message_has_no_terminal_escape(raw: dict[str, Any]) -> None:
    line = message(raw, {"stack": STACK, "output": "x"}, **{"\x1b]0;x\x07": 1})
    assert line.isprintable()

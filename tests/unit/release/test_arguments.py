"""Argument templates: what they expand to, and which ones are refused."""

from typing import Any

import pytest

from components.errors import ProfileError
from components.release.arguments import expand

INVENTORY = {
    "query": [{"fqdn": "q1.example.com", "ip": "10.0.0.1"}, {"fqdn": "q2.example.com", "ip": "10.0.0.2"}],
    "cus": [{"fqdn": "infra.example.com"}],
    "tdcp": [],
}


@pytest.mark.parametrize(
    ("arguments", "expanded"),
    [
        (["--all", "x y"], ("--all", "x y")),
        (["--cus={cus.fqdn}"], ("--cus=infra.example.com",)),
        ([{"each": "query", "args": ["-q", "{query.fqdn}"]}], ("-q", "q1.example.com", "-q", "q2.example.com")),
        ([{"each": "tdcp", "args": ["-t", "{tdcp.fqdn}"]}], ()),
        ([{"join": "query.ip", "with": ","}], ("10.0.0.1,10.0.0.2",)),
        ([{"each": "query", "args": [{"join": "query.ip", "with": ";"}]}], ("10.0.0.1", "10.0.0.2")),
        (["{not a reference}", "{Cus.fqdn}"], ("{not a reference}", "{Cus.fqdn}")),
    ],
)
def test_a_template_expands(arguments: list[Any], expanded: tuple[str, ...]) -> None:
    assert expand(arguments, INVENTORY) == expanded


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["{qery.fqdn}"], "unknown group 'qery'; use one of cus, query, tdcp"),
        (["{query.fqdn}"], "{query.fqdn} matches 2 hosts; use each or join"),
        (["{tdcp.fqdn}"], "{tdcp.fqdn} matches 0 hosts"),
        (["{cus.ip}"], "unknown variable 'ip' of group cus; use one of fqdn"),
        ([{"each": "nobody", "args": []}], "unknown group 'nobody'"),
        ([{"each": "query", "args": [], "if": "x"}], "invalid argument"),
        ([{"join": "query", "with": ","}], "invalid argument"),
        ([{"join": "tdcp.fqdn", "with": ","}], "{join: tdcp.fqdn} matches no host; use each"),
        ([{"join": "query.ip", "with": ",", "each": "query"}], "invalid argument"),
        ([8], "invalid argument 8"),
        ([["nested"]], "invalid argument"),
    ],
)
def test_an_invalid_template_is_refused(arguments: list[Any], expected: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        expand(arguments, INVENTORY)
    assert expected in str(refusal.value)

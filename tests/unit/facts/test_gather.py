"""What is told and what is refused before anything is registered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.errors import PreflightError, UnreachableHostError
from components.facts import gather as module
from components.facts.gather import gather_facts
from components.facts.model import HostFacts, Unreachable
from components.preflight.report import enforce_requirements
from components.steps.connection import Endpoint
from tests.unit.preflight.good import NAMES, good, spec

ENDPOINTS = {key: Endpoint(name, 22, "centos", "ssh-ed25519 AAAA") for key, name in NAMES.items()}
HANGS = Unreachable("it does not answer within 10 s", "check that the host is up")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what is logged, with its level."""
    lines: list[tuple[str, str]] = []
    for level in ("info", "warn"):
        monkeypatch.setattr(pulumi.log, level, lambda text, level=level: lines.append((level, text)))
    return lines


def look(
    monkeypatch: pytest.MonkeyPatch, raw: Mapping[str, Any], hosts: Mapping[str, HostFacts], *, preview: bool
) -> Mapping[str, HostFacts]:
    """Inspect hosts that tell these facts, and judge them."""
    monkeypatch.setattr(module, "_read", lambda _site, _endpoints: hosts)
    seen = gather_facts(spec(raw), ENDPOINTS, preview=preview)
    enforce_requirements(spec(raw), seen)
    return seen


def test_nothing_is_told_of_good_hosts(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    hosts = good()
    assert look(monkeypatch, raw, hosts, preview=False) == hosts
    assert told == []


def test_facts_off_read_nothing(raw: dict[str, Any], told: list[tuple[str, str]]) -> None:
    assert gather_facts(spec(raw, {"facts": "off"}), {}, preview=False) == {}
    assert told == []


@pytest.mark.parametrize("preview", [True, False])
def test_an_error_is_refused_with_the_whole_table(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], told: list[tuple[str, str]], *, preview: bool
) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], java="11", system=replace(hosts["infra"].system, swap=2**30))
    with pytest.raises(PreflightError) as refusal:
        look(monkeypatch, raw, hosts, preview=preview)
    assert refusal.value.findings[0] == "preflight checks of the hosts (production cluster):"
    assert [line.split()[0] for line in refusal.value.findings[2:]] == ["error", "warning"]
    assert told == []


def test_a_warning_is_told_once(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    hosts = {key: replace(one, system=replace(one.system, swap=2**30)) for key, one in good().items()}
    look(monkeypatch, raw, hosts, preview=True)
    assert [level for level, _ in told] == ["warn"]
    assert len(told[0][1].splitlines()) == 5


def test_an_unknown_host_is_told_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    for preview in (True, False):
        look(monkeypatch, raw, {**good(), "query2": HANGS}, preview=preview)
    line = (
        "query2 (h3.lab.internal): at h3.lab.internal port 22: it does not answer within 10 s,"
        " so its facts are unknown; check that the host is up"
    )
    assert told == [("warn", line)] * 2


def test_an_update_of_builds_is_refused_while_a_host_is_unknown(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], product="1.20200121.007-1")
    hosts["query1"] = replace(hosts["query1"], product="1.20200121.008-1")
    assert look(monkeypatch, raw, hosts, preview=False) == hosts
    lacking: dict[str, HostFacts] = {**hosts, "query2": HANGS}
    assert look(monkeypatch, raw, lacking, preview=True) == lacking
    with pytest.raises(UnreachableHostError) as refusal:
        look(monkeypatch, raw, lacking, preview=False)
    assert len(refusal.value.findings) == 1
    assert refusal.value.findings[0] == (
        "query2 (h3.lab.internal): cannot be reached, while infra has 1.20200121.007-1 and 1.20200121.008-1 is"
        " declared; bring the host back, then run pulumi up again: builds must not be mixed"
    )
    assert [level for level, _ in told] == ["warn", "warn"]

"""Reports and refusals before anything is registered."""

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
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the logged lines with their levels."""
    lines: list[tuple[str, str]] = []
    for level in ("info", "warn"):
        monkeypatch.setattr(pulumi.log, level, lambda text, level=level: lines.append((level, text)))
    return lines


def gather(
    monkeypatch: pytest.MonkeyPatch, raw: Mapping[str, Any], hosts: Mapping[str, HostFacts], *, preview: bool
) -> Mapping[str, HostFacts]:
    """Gather these facts, and enforce the requirements."""
    monkeypatch.setattr(module, "_read", lambda _spec, _endpoints: hosts)
    facts = gather_facts(spec(raw), ENDPOINTS, preview=preview)
    enforce_requirements(spec(raw), facts)
    return facts


def test_good_hosts_are_not_reported(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]]
) -> None:
    hosts = good()
    assert gather(monkeypatch, raw, hosts, preview=False) == hosts
    assert logged == []


def test_facts_off_read_nothing(raw: dict[str, Any], logged: list[tuple[str, str]]) -> None:
    assert gather_facts(spec(raw, {"facts": "off"}), {}, preview=False) == {}
    assert logged == []


@pytest.mark.parametrize("preview", [True, False])
def test_an_error_stops_with_the_whole_table(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]], *, preview: bool
) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], java="11", system=replace(hosts["infra"].system, swap=2**30))
    with pytest.raises(PreflightError) as refusal:
        gather(monkeypatch, raw, hosts, preview=preview)
    assert refusal.value.findings[0] == "preflight checks of the hosts (production cluster):"
    assert [line.split()[0] for line in refusal.value.findings[2:]] == ["error", "warning"]
    assert logged == []


GREETS = Unreachable("it answers 'Welcome' instead of running the query", "check the login shell", answers=True)


def test_a_host_that_answers_without_running_stops_an_update_and_not_a_preview(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]]
) -> None:
    hosts: dict[str, HostFacts] = {**good(), "query1": GREETS}
    assert gather(monkeypatch, raw, hosts, preview=True) == hosts
    assert [level for level, _ in logged] == ["warn"]
    with pytest.raises(UnreachableHostError) as refusal:
        gather(monkeypatch, raw, hosts, preview=False)
    assert refusal.value.findings == (f"{spec(raw).cluster.nodes['query1'].label}: {GREETS.reason}; {GREETS.remedy}",)


def test_a_warning_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]]
) -> None:
    hosts = {key: replace(host, system=replace(host.system, swap=2**30)) for key, host in good().items()}
    gather(monkeypatch, raw, hosts, preview=True)
    assert [level for level, _ in logged] == ["warn"]
    assert len(logged[0][1].splitlines()) == 5


def test_an_unreachable_host_is_logged_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]]
) -> None:
    for preview in (True, False):
        gather(monkeypatch, raw, {**good(), "query2": HANGS}, preview=preview)
    line = (
        "query2 (h3.lab.internal): at h3.lab.internal port 22: it does not answer within 10 s,"
        " so its facts are unknown; check that the host is up"
    )
    assert logged == [("warn", line)] * 2


def test_a_change_of_builds_is_refused_while_a_host_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], logged: list[tuple[str, str]]
) -> None:
    hosts = good()
    hosts["infra"] = replace(hosts["infra"], product="1.20200121.007-1")
    hosts["query1"] = replace(hosts["query1"], product="1.20200121.008-1")
    assert gather(monkeypatch, raw, hosts, preview=False) == hosts
    lacking: dict[str, HostFacts] = {**hosts, "query2": HANGS}
    assert gather(monkeypatch, raw, lacking, preview=True) == lacking
    with pytest.raises(UnreachableHostError) as refusal:
        gather(monkeypatch, raw, lacking, preview=False)
    assert len(refusal.value.findings) == 1
    assert refusal.value.findings[0] == (
        "query2 (h3.lab.internal): cannot be reached, while infra has 1.20200121.007-1 and 1.20200121.008-1 is"
        " declared; bring the host up, then run pulumi up again: builds must not be mixed"
    )
    assert [level for level, _ in logged] == ["warn", "warn"]

"""Overrides of safety findings: a stack can permit exactly the ones that may be overridden."""

from typing import get_args

from components.config.models import Overridable
from components.safety.finding import FINDINGS, SafetyFinding


def test_a_stack_may_allow_exactly_the_overridable_findings() -> None:
    permits = {name: what for name, (_, what) in FINDINGS.items() if what.startswith("allow")}
    assert set(permits) == set(get_args(Overridable))
    assert {name for name, what in permits.items() if what != "allow"} == {"manifest"}


def test_a_line_ends_with_the_override_unless_that_needs_a_host() -> None:
    assert SafetyFinding("downgrade", "infra: older").line == (
        "infra: older; to permit it: allow: [{refusal: downgrade, reason: WHY}]"
    )
    # its message contains the override with the host
    assert SafetyFinding("manifest", "infra: unreadable").line == "infra: unreadable"
    assert SafetyFinding("key-host", "infra: first").line == "infra: first"

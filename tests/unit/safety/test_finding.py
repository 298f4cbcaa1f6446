"""What lifts a refusal: the stack's word for exactly those that a stack may lift."""

from typing import get_args

from components.config.models import Overridable
from components.safety.finding import FINDINGS, SafetyFinding


def test_a_stack_may_allow_what_can_be_lifted_and_nothing_else() -> None:
    lifts = {name: what for name, (_, what) in FINDINGS.items() if what.startswith("allow")}
    assert set(lifts) == set(get_args(Overridable))
    assert {name for name, what in lifts.items() if what != "allow"} == {"manifest"}


def test_a_line_says_how_to_allow_what_needs_no_host() -> None:
    assert SafetyFinding("downgrade", "infra: older").line == (
        "infra: older; to permit it: allow: [{refusal: downgrade, reason: WHY}]"
    )
    # its own text names the host, where a stack may allow it at all
    assert SafetyFinding("manifest", "infra: unreadable").line == "infra: unreadable"
    assert SafetyFinding("key-host", "infra: first").line == "infra: first"

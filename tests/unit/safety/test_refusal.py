"""What lifts a refusal: the stack's word for exactly those that a stack may lift."""

from typing import get_args

from components.config.models import Liftable
from components.safety.refusal import REFUSALS, Refusal


def test_a_stack_may_allow_what_can_be_lifted_and_nothing_else() -> None:
    lifts = {name: what for name, (_, what) in REFUSALS.items() if what.startswith("allow")}
    assert set(lifts) == set(get_args(Liftable))
    assert {name for name, what in lifts.items() if what != "allow"} == {"record"}


def test_a_line_says_how_to_allow_what_needs_no_host() -> None:
    assert Refusal("downgrade", "infra: older").line == (
        "infra: older; to do it all the same: allow: [{refusal: downgrade, reason: WHY}]"
    )
    # its own text names the host, where a stack may allow it at all
    assert Refusal("record", "infra: unreadable").line == "infra: unreadable"
    assert Refusal("primary", "infra: first").line == "infra: first"

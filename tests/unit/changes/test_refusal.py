"""What lifts a refusal: the stack's word for exactly those that a stack may lift."""

from typing import get_args

from components.changes.refusal import REFUSALS
from components.topology.config import Liftable


def test_a_stack_may_allow_what_can_be_lifted_and_nothing_else() -> None:
    assert {name for name, (_, lifts) in REFUSALS.items() if lifts == "allow"} == set(get_args(Liftable))

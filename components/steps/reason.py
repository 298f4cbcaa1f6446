"""Reasons why steps must run again; a reason becomes text only at the end, in a fixed set of characters. Pure.

A reason contains text from a host (paths, service names, unit states), and its own text becomes part of a command.
"""

import hashlib
import re
from dataclasses import dataclass

SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._/:,+@=-")
_MANY = 5
_ITEM = 160  # characters of one item


@dataclass(frozen=True, kw_only=True)
class Reason:
    """The parts of a step's work that no longer hold, and since when.

    `since` is the time in the step's receipt. Without a usable receipt, `machine` has the first characters of the
    machine-id and `since` is the time of reading, which makes the reason unique.
    """

    what: tuple[str, ...]
    since: str
    machine: str = ""

    @property
    def text(self) -> str:
        """The reason as a comment in a command: one line of bounded length, with safe characters only."""
        shown = [item if len(item) <= _ITEM else f"{item[: _ITEM - 3]}..." for item in self.what[:_MANY]]
        more = [f"{len(self.what) - _MANY} more"] if len(self.what) > _MANY else []
        items = ", ".join([*shown, *more])
        words = f"{items} {self.machine} at {self.since}" if self.machine else f"drift: {items} since {self.since}"
        return "".join(character if character in SAFE else "_" for character in words)

    @property
    def token(self) -> str:
        """Sixteen hexadecimal digits that identify the reason."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def stamp(self) -> str:
        """The digits of the time, for a file name."""
        return re.sub("[^0-9]", "", self.since)

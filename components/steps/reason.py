"""Why a step must run again, as a value: text is made of it last, in a fixed set of characters. Pure.

A reason holds words of a host (paths, names of services, states of units), and its text becomes part of a command.
"""

import hashlib
import re
from dataclasses import dataclass

SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._/:,+@=-")
_MANY = 5
_ITEM = 160  # characters of one item


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What no longer holds of a step's work, and since when.

    `since` is a time of the host or the operator, as a receipt has it; with `machine`, the machine-id's first
    characters, it is the time of reading, which makes the reason of a missing receipt unique.
    """

    what: tuple[str, ...]
    since: str
    machine: str = ""

    @property
    def text(self) -> str:
        """The reason as a remark in a command: one line of bounded length, of safe characters only."""
        shown = [item if len(item) <= _ITEM else f"{item[: _ITEM - 3]}..." for item in self.what[:_MANY]]
        more = [f"{len(self.what) - _MANY} more"] if len(self.what) > _MANY else []
        items = ", ".join([*shown, *more])
        words = f"{items} {self.machine} at {self.since}" if self.machine else f"drift: {items} since {self.since}"
        return "".join(character if character in SAFE else "_" for character in words)

    @property
    def token(self) -> str:
        """Sixteen hexadecimal digits that differ from reason to reason."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def stamp(self) -> str:
        """The digits of its time, for the name of a file."""
        return re.sub("[^0-9]", "", self.since)

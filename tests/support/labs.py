"""Labs of the tests: names that two checkouts on one machine do not share, and a lab for as long as it is needed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from lab.hosts import Lab

PREFIX = os.environ.get("TEST_LAB_PREFIX", "t")


def lab_name(of: str) -> str:
    """Return the name of a lab for what it is used for, by its letters alone and within the lab's limit."""
    return f"{PREFIX}-{of.replace('_', '')[:5]}"


def module_lab(module: ModuleType) -> str:
    """Return the name of a module's lab: its LAB, else what the module is called after."""
    return lab_name(getattr(module, "LAB", Path(module.__file__ or "").stem.removeprefix("test_")))


@contextmanager
def taken(name: str) -> Iterator[Lab]:
    """Yield a lab without hosts, and take it down at the end; one that an earlier run left is taken down first."""
    lab = Lab(name)
    if lab.state.exists():
        lab.down()
    try:
        yield lab
    finally:
        lab.down()

"""Labs of the tests: their names, and a lab that is removed after use.

Set TEST_LAB_PREFIX if two checkouts run tests on one machine at the same time, so that their labs have different names.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from lab.hosts import Lab

PREFIX = os.environ.get("TEST_LAB_PREFIX", "t")


def lab_name(purpose: str) -> str:
    """Return the name of a lab for a purpose, shortened to the maximum length of lab names."""
    return f"{PREFIX}-{purpose.replace('_', '')[:5]}"


def module_lab(module: ModuleType) -> str:
    """Return the name of a module's lab, from its LAB or from the module's name."""
    return lab_name(getattr(module, "LAB", Path(module.__file__ or "").stem.removeprefix("test_")))


@contextmanager
def temporary_lab(name: str) -> Iterator[Lab]:
    """Yield a lab without hosts and remove it afterwards; remove one of an earlier run before."""
    lab = Lab(name)
    if lab.state.exists():
        lab.down()
    try:
        yield lab
    finally:
        lab.down()

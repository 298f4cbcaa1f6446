"""Names of the tests' labs: a prefix of its own lets two checkouts on one machine run their tests at once."""

import os

PREFIX = os.environ.get("TEST_LAB_PREFIX", "t")


def lab_name(of: str) -> str:
    """Return the name of a lab for what it is used for, by its letters alone and within the lab's limit."""
    return f"{PREFIX}-{of.replace('_', '')[:5]}"

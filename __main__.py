"""One Deephaven cluster per stack; see README.md and stacks/."""

from components.program import run

run()

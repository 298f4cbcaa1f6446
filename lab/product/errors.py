"""The exception of the product's build."""


class ProductError(Exception):
    """A failure of the build as one line: the tool or file, the problem, and the fix."""

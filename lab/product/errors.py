"""What the build of the stand-in fails with."""


class ProductError(Exception):
    """What hinders the build, and what to do about it, in one line."""

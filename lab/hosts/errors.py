"""The exception of the lab."""


class LabError(Exception):
    """A failure as one line: the host or file, the problem, and the fix."""

"""The one exception of the lab."""


class LabError(Exception):
    """What is wrong with which host or file, and what to do, in one line."""

"""The exception of the engine's build."""


class EngineError(Exception):
    """A failure as one line: the tool or file, the problem, and the fix."""

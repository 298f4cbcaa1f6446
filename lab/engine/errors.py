"""The one exception of the engine's build."""


class EngineError(Exception):
    """What is wrong with which tool or file, and what to do, in one line."""

"""Reads YAML text, or says what is wrong with it."""

import yaml


def parse_yaml(text: str) -> object:
    """Return YAML text as plain values; raises ValueError with the line, the problem and the remedy."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # the last two: an impossible date, endless nesting
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"invalid YAML{line} ({problem}); fix it") from None

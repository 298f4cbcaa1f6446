"""Cases of bad configuration: a change to the good one, and each line that the config loader then reports."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

BAD = Path(__file__).parent / "bad"


def load_case(file: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Return a case's change and the lines it expects."""
    case = yaml.safe_load(file.read_text())
    return case["change"], case["findings"]


def changed(good: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a configuration with a change merged in; None removes a key."""
    result = dict(copy.deepcopy(good))
    for key, value in change.items():
        if value is None:
            del result[key]
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = changed(result[key], value)
        else:
            result[key] = value
    return result

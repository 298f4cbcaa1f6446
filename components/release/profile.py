"""Loads a release profile from its YAML file, with the stack's overrides merged into it."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from components.config.messages import Wording, lines
from components.errors import ProfileError
from components.host_text import printable
from components.release.model import Profile

DIRECTORY = Path(__file__).parent
# The same safe loader, ten times as fast where PyYAML was built with libyaml.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OVERRIDES = "deephaven:cluster.release.overrides"


def load_profile(version: str, overrides: Mapping[str, Any]) -> Profile:
    """Return the profile of a release with a stack's overrides merged into it by key; lists are replaced as a whole.

    Raises ProfileError with a key path if the release has no profile or an override is invalid.
    """
    file = DIRECTORY / f"{version}.yaml"
    if not file.is_file():
        releases = ", ".join(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))
        raise ProfileError(
            [f"deephaven:cluster.release.version: no profile exists for {version}; use one of {releases}"]
        )
    base = _base(file)
    unknown = [
        f"{OVERRIDES}.{printable(path)}: unknown key of the release profile; check its spelling or remove it"
        for path in _unknown(base, overrides)
    ]
    if unknown:
        raise ProfileError(unknown)
    try:
        return Profile.model_validate(_merged(base, overrides))
    except ValidationError as error:
        raise ProfileError(lines(error, Wording(root=OVERRIDES, remedies={}))) from None


@cache
def _base(file: Path) -> object:
    """Return a profile's YAML; it is cached, because reading it takes longer than all other planning."""
    return yaml.load(file.read_text(), Loader=_SAFE)  # noqa: S506 - both loaders are safe ones


def _unknown(base: object, over: object) -> Iterator[str]:
    """Yield the key paths of overrides that the profile does not define."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        for key, value in over.items():
            if key not in base:
                yield str(key)
            else:
                yield from (f"{key}.{path}" for path in _unknown(base[key], value))


def _merged(base: object, over: object) -> object:
    """Return a value with overrides merged: mappings key by key, everything else replaced."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {key: _merged(base[key], over[key]) if key in over else base[key] for key in base}

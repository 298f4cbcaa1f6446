"""Converts properties of the SDK to plain values, with secret marks and unknown values."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import deserialize, proxy

from policy.rules.model import UNKNOWN, Secret

UNKNOWNS = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))


def marked(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return a remediation's properties with secrets marked, from the SDK's wire format."""
    return {key: _marked(value) for key, value in deserialize.serialize_properties(props).items() if key[:2] != "__"}


def _marked(value: Any) -> Any:  # noqa: ANN401 - any property
    match value:
        case str():
            return UNKNOWN if value in UNKNOWNS else value
        case dict():
            signature = value.get(deserialize.SPECIAL_SIG_KEY)
            if signature == deserialize.SPECIAL_SECRET_SIG:
                # Engines from 3.274 on send an unknown secret as an empty one; an empty one has nothing to evaluate.
                return Secret(_marked(value.get("value") or proxy.UNKNOWN_STRING_VALUE))
            return {key: _marked(inner) for key, inner in value.items() if key != deserialize.SPECIAL_SIG_KEY}
        case list():
            return [_marked(inner) for inner in value]
        case _:
            return value


def unmarked(props: Any) -> Any:  # noqa: ANN401 - any property
    """Return a validation's properties: the SDK raises for unknown values and has unwrapped secrets."""
    if isinstance(props, Mapping):
        return {key: _value(props, key) for key in props}
    if isinstance(props, Sequence) and not isinstance(props, str):
        return [_value(props, n) for n in range(len(props))]
    return props


def _value(props: Any, key: Any) -> Any:  # noqa: ANN401 - any property
    try:
        return unmarked(props[key])
    except proxy.UnknownValueError:
        return UNKNOWN

"""Properties as the SDK hands them over, as plain values: marks of secrecy kept, what is unknown as such."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import deserialize, proxy

from policy.rules.model import UNKNOWN, Secret

UNKNOWNS = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))


def marked(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a remediation is handed, with secrets marked: the SDK's wire form still marks them."""
    return {key: _marked(value) for key, value in deserialize.serialize_properties(props).items() if key[:2] != "__"}


def _marked(value: Any) -> Any:  # noqa: ANN401 - any property
    match value:
        case str():
            return UNKNOWN if value in UNKNOWNS else value
        case dict():
            sign = value.get(deserialize.SPECIAL_SIG_KEY)
            if sign == deserialize.SPECIAL_SECRET_SIG:
                return Secret(_marked(value.get("value")))
            return {key: _marked(inner) for key, inner in value.items() if key != deserialize.SPECIAL_SIG_KEY}
        case list():
            return [_marked(inner) for inner in value]
        case _:
            return value


def unmarked(props: Any) -> Any:  # noqa: ANN401 - any property
    """Return what a validation is handed: the SDK raises for what is unknown and has unwrapped what is secret."""
    if isinstance(props, Mapping):
        return {key: _known(props, key) for key in props}
    if isinstance(props, Sequence) and not isinstance(props, str):
        return [_known(props, n) for n in range(len(props))]
    return props


def _known(props: Any, key: Any) -> Any:  # noqa: ANN401 - any property
    try:
        return unmarked(props[key])
    except proxy.UnknownValueError:
        return UNKNOWN

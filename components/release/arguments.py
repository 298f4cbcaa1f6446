"""The profile's argument templates: literals with `{group.variable}`, `each` and `join`, nothing more."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.errors import ProfileError

Inventory = Mapping[str, Sequence[Mapping[str, str]]]

_REFERENCE = re.compile(r"\{([a-z_]+)\.([a-z_]+)\}")


def expand(arguments: Sequence[Any], inventory: Inventory) -> tuple[str, ...]:
    """Return an argument list with all variables filled in.

    An argument is a literal, `{each: group, args: [...]}` (the list once for each host of the inventory group) or
    `{join: group.variable, with: ","}`.
    Raises ProfileError when an argument has another form or names what does not exist, or not exactly once.
    """
    return tuple(text for argument in arguments for text in _expand(argument, inventory))


def fill(text: str, inventory: Inventory) -> str:
    """Return one literal with its `{group.variable}` filled in; each group must have exactly one host."""
    return _REFERENCE.sub(lambda match: _only(match[1], match[2], inventory), text)


def _expand(argument: object, inventory: Inventory) -> tuple[str, ...]:
    match argument:
        case str():
            return (fill(argument, inventory),)
        case {"each": str(group), "args": list(inner), **rest} if not rest:
            return tuple(text for one in _all(group, inventory) for text in expand(inner, {**inventory, group: [one]}))
        case {"join": str(path), "with": str(separator), **rest} if path.count(".") == 1 and not rest:
            group, field = path.split(".")
            found = _all(group, inventory)
            if not found:
                raise ProfileError([f"{{join: {path}}} has no host here; use each, which then gives no argument"])
            return (separator.join(_field(group, field, one) for one in found),)
        case _:
            raise ProfileError([f"invalid argument {argument!r}; write a text, {{each, args}} or {{join, with}}"])


def _all(group: str, inventory: Inventory) -> Sequence[Mapping[str, str]]:
    if group not in inventory:
        raise ProfileError([f"unknown group {group!r}; use one of {', '.join(sorted(inventory))}"])
    return inventory[group]


def _only(group: str, field: str, inventory: Inventory) -> str:
    found = _all(group, inventory)
    if len(found) != 1:
        raise ProfileError([f"{{{group}.{field}}} has {len(found)} hosts here; use each or join"])
    return _field(group, field, found[0])


def _field(group: str, field: str, one: Mapping[str, str]) -> str:
    if field not in one:
        raise ProfileError([f"{group} has no variable {field!r}; use one of {', '.join(sorted(one))}"])
    return one[field]

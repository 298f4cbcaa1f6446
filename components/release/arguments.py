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
    Raises ProfileError if an argument has a different form, names an unknown group or variable, or needs exactly one
    host and the group has none or several.
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
            return tuple(
                text for host in _all(group, inventory) for text in expand(inner, {**inventory, group: [host]})
            )
        case {"join": str(path), "with": str(separator), **rest} if path.count(".") == 1 and not rest:
            group, variable = path.split(".")
            hosts = _all(group, inventory)
            if not hosts:
                raise ProfileError([f"{{join: {path}}} matches no host; use each, which then adds no argument"])
            return (separator.join(_value(group, variable, host) for host in hosts),)
        case _:
            raise ProfileError([f"invalid argument {argument!r}; write a string, {{each, args}} or {{join, with}}"])


def _all(group: str, inventory: Inventory) -> Sequence[Mapping[str, str]]:
    if group not in inventory:
        raise ProfileError([f"unknown group {group!r}; use one of {', '.join(sorted(inventory))}"])
    return inventory[group]


def _only(group: str, variable: str, inventory: Inventory) -> str:
    hosts = _all(group, inventory)
    if len(hosts) != 1:
        raise ProfileError([f"{{{group}.{variable}}} matches {len(hosts)} hosts; use each or join"])
    return _value(group, variable, hosts[0])


def _value(group: str, variable: str, host: Mapping[str, str]) -> str:
    if variable not in host:
        raise ProfileError([f"unknown variable {variable!r} of group {group}; use one of {', '.join(sorted(host))}"])
    return host[variable]

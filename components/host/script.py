"""What a step sends to a host on standard input: inputs as quoted assignments, the prelude, the step's plain script."""

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from components.topology.plan import Action, Value

COMPONENTS = Path(__file__).parent.parent
LIBRARIES = tuple(f"host/scripts/{name}.sh" for name in ("prelude", "receipts", "monit", "run-step"))
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def launcher(step: str) -> str:
    """Return the command that a step runs: frozen, because any other text would update every installed step."""
    return f"sudo -n bash -s -- {step}"


def render(action: Action, secrets: Mapping[str, str]) -> str:
    """Return a step's standard input; `secrets` holds the values of the action's secret inputs."""
    settings: dict[str, Value] = {
        "step_host": action.node.label,
        "step_limit": str(action.limit),
        "step_digest": digest(action.inputs),
        "secrets": tuple(secrets),
    }
    lines = [assignment(name, value) for name, value in {**settings, **action.inputs, **secrets}.items()]
    body = [*(_text(library) for library in LIBRARIES), "step() {", _text(action.script), "}", 'run_step "$@"']
    return "\n".join([*lines, *body]) + "\n"


def assignment(name: str, value: Value) -> str:
    """Return one shell assignment, quoted; a tuple becomes an array."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of a shell variable")
    if isinstance(value, str):
        return f"{name}={shlex.quote(value)}"
    return f"{name}=({' '.join(map(shlex.quote, value))})"


def digest(inputs: Mapping[str, Value]) -> str:
    """Return the SHA-256 of the inputs that are no secrets; receipts on the hosts keep it."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@cache
def _text(path: str) -> str:
    return (COMPONENTS / path).read_text().rstrip("\n")

"""The standard input of a step: inputs as quoted assignments, the runtime, and the step's plain script.

The runtime, the functions that every step needs, is installed on a host once, by the host's first step, as a file that
is named after its digest. The input of every other step refers to it, so that the state holds it once for each host.
"""

import hashlib
import json
import os
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from components.installation import Installation
from components.steps.model import FileTransfer, Step, Value

COMPONENTS = Path(__file__).parent.parent
# A later file uses earlier ones.
RUNTIME = (
    *(f"steps/scripts/{name}.sh" for name in ("lib", "files", "receipts", "archive", "monit")),
    "packages/scripts/build.sh",
    *(f"services/scripts/{name}.sh" for name in ("quote-logs", "restart")),
    "steps/scripts/run-step.sh",
)
RUNTIME_DIRECTORY = "/var/lib/deephaven-install/runtime"
TRANSFER = "steps/scripts/transfer-file.sh"
MOST_BYTES = 64 * 2**20  # in a transferred file; the vendor's archives have about ten thousand
WORDS = ("what",)  # inputs that only appear in messages
CONNECTING = 120  # seconds for a transfer in addition to its two steps
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CHECKED = """runtime={digest} runtime_file={directory}/$runtime.sh
[ "$({{ sha256sum <$runtime_file; }} 2>&1)" = "$runtime  -" ] || {{
echo "$step_host: step $1: $runtime_file is missing or damaged
  what to do: run pulumi up without --target; with facts: off, --replace this host's first resource" >&2
exit 1
}}
. $runtime_file"""
# A quoted here-document, because quotes in quotes are longer; old versions of bash write it to a file in TMPDIR.
_SENT = """TMPDIR=/run
IFS= read -rd '' runtime <<'END_OF_RUNTIME' || true
{text}
END_OF_RUNTIME
unset TMPDIR
[ -n "$runtime" ] || {{
echo "$step_host: step $1: cannot write in /run
  what to do: free space there, then run pulumi up again" >&2
exit 1
}}
eval "$runtime"
"""


def launcher(name: str) -> str:
    """Return the command of a step; it never changes, because any other text would update every installed step."""
    return f"sudo -n bash -s -- {name}"


def render(step: Step, secrets: Mapping[str, str]) -> str:
    """Return a step's standard input; `secrets` are the values of its secret inputs.

    The first step of a host contains the runtime, because it installs it, and because the resource's delete must work
    without it.
    """
    if step.script == Installation.HOST.script:
        functions = [assignment("runtime_file", runtime_file()), _SENT.format(text=runtime()).rstrip()]
    else:
        functions = [_checked_runtime()]
    return "\n".join([*_settings(step, secrets), *functions, *_body(step)]) + "\n"


def render_transfer(transfer: FileTransfer, **inputs: Value) -> str:
    """Return a transfer's standard input: its settings, and the inputs of its two steps for the hosts.

    The operator's machine adds the scripts themselves, which are read when the transfer runs. They are represented by
    a digest, so that an edited script runs the transfer again.
    """
    scripts = {"export": transfer.export, "import": transfer.import_}
    settings: dict[str, Value] = {
        "step_host": transfer.node.label,
        "source_host": transfer.source.label,
        "export_step": transfer.export.name,
        "import_step": transfer.import_.name,
        "most_bytes": str(MOST_BYTES),
        "most_seconds": str(transfer.export.limit + transfer.import_.limit + CONNECTING),
        **inputs,
        **{f"{name}_inputs": "\n".join(_settings(step, {})) for name, step in scripts.items()},
        **{f"{name}_script": step.script for name, step in scripts.items()},
        "functions": _checked_runtime(),
        "scripts_digest": _digest("".join(_text(path) for path in (TRANSFER, *(s.script for s in scripts.values())))),
        # relative, so that two operators with the project in different places have the same input
        "components": os.path.relpath(COMPONENTS),
    }
    lines = [assignment(name, value) for name, value in settings.items()]
    return "\n".join([*lines, f'. "$components/{TRANSFER}" || exit 1', 'transfer_file "$@"']) + "\n"


def _settings(step: Step, secrets: Mapping[str, str]) -> list[str]:
    settings: dict[str, Value] = {
        "step_host": step.node.label,
        "step_limit": str(step.limit),
        "step_digest": digest(step.inputs),
        "secrets": tuple(secrets),
    }
    return [assignment(name, value) for name, value in {**settings, **step.inputs, **secrets}.items()]


def _body(step: Step) -> list[str]:
    return ["step() {", _text(step.script), "}", 'run_step "$@"']


@cache
def runtime() -> str:
    """Return the functions that every step may use."""
    return "\n".join(_text(library) for library in RUNTIME)


@cache
def runtime_digest() -> str:
    """Return the SHA-256 of the installed runtime, which ends with a line break."""
    return _digest(f"{runtime()}\n")


def _checked_runtime() -> str:
    """Return the lines that load the installed runtime, or end the step if it is not what this program installs."""
    return _CHECKED.format(directory=RUNTIME_DIRECTORY, digest=runtime_digest())


def runtime_file() -> str:
    """Return the path of the runtime on the hosts."""
    return f"{RUNTIME_DIRECTORY}/{runtime_digest()}.sh"


def assignment(name: str, value: Value) -> str:
    """Return one quoted shell assignment; a tuple becomes an array."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a valid name of a shell variable")
    if isinstance(value, str):
        return f"{name}={shlex.quote(value)}"
    return f"{name}=({' '.join(map(shlex.quote, value))})"


def digest(inputs: Mapping[str, Value]) -> str:
    """Return the SHA-256 of the inputs that are not secret; receipts on the hosts contain it.

    Words for the operator do not count: another wording runs no vendor script again.
    """
    return _digest(json.dumps({key: value for key, value in inputs.items() if key not in WORDS}, sort_keys=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _text(path: str) -> str:
    """Return a script without comments and empty lines, so that an edited comment changes nothing on any host."""
    lines = (COMPONENTS / path).read_text().splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))

"""The standard input of a step: inputs as quoted assignments, the libraries, and the step's plain script."""

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from components.steps.model import FileTransfer, Step, Value

COMPONENTS = Path(__file__).parent.parent
LIBRARIES = tuple(f"steps/scripts/{name}.sh" for name in ("lib", "receipts", "monit", "run-step"))
_ARCHIVE = (
    *(f"packages/scripts/{name}.sh" for name in ("install-product", "stop-services")),
    *(f"steps/scripts/{name}.sh" for name in ("export-file", "import-archive")),
    *("etcd/scripts/generate-config.sh", "config_server/scripts/generate-keys.sh"),
)
# Libraries for some scripts only: each step's input is in the state, so unused text would enlarge it. A later library
# uses earlier ones.
SHARED = {
    "steps/scripts/files.sh": (
        *_ARCHIVE,
        *(
            f"packages/scripts/{name}.sh"
            for name in ("prepare-host", "configure-monit", "copy-connector", "mount-storage")
        ),
        *("steps/scripts/place-file.sh", "config_server/scripts/place-routing.sh"),
        *("etcd/scripts/enable-etcd.sh", "tls/scripts/install-certificate.sh"),
        *(f"services/scripts/{name}.sh" for name in ("init-external-database", "renew-certificate", "write-manifest")),
    ),
    "steps/scripts/archive.sh": _ARCHIVE,
    "packages/scripts/build.sh": ("packages/scripts/install-product.sh", "packages/scripts/stop-services.sh"),
    "services/scripts/quote-logs.sh": tuple(
        f"services/scripts/{name}.sh"
        for name in ("check-services", "restart-on-change", "renew-certificate", "start-services")
    ),
    "services/scripts/restart.sh": ("services/scripts/restart-on-change.sh", "services/scripts/renew-certificate.sh"),
}
TRANSFER = "steps/scripts/transfer-file.sh"
MOST_BYTES = 64 * 2**20  # in a transferred file; the vendor's archives have about ten thousand
CONNECTING = 120  # seconds for a transfer in addition to its two steps
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def launcher(name: str) -> str:
    """Return the command of a step; it never changes, because any other text would update every installed step."""
    return f"sudo -n bash -s -- {name}"


def render(step: Step, secrets: Mapping[str, str]) -> str:
    """Return a step's standard input; `secrets` are the values of its secret inputs."""
    return "\n".join([*_settings(step, secrets), libraries(), *_body(step)]) + "\n"


def render_transfer(transfer: FileTransfer, **inputs: Value) -> str:
    """Return a transfer's standard input: its settings, and its two steps for the hosts."""
    texts = {
        name: "\n".join([*_settings(step, {}), libraries(), *_body(step)])
        for name, step in (("export_script", transfer.export), ("import_script", transfer.import_))
    }
    settings: dict[str, Value] = {
        "step_host": transfer.node.label,
        "source_host": transfer.source.label,
        "export_step": transfer.export.name,
        "import_step": transfer.import_.name,
        "most_bytes": str(MOST_BYTES),
        "most_seconds": str(transfer.export.limit + transfer.import_.limit + CONNECTING),
        **inputs,
        **texts,
    }
    lines = [assignment(name, value) for name, value in settings.items()]
    return "\n".join([*lines, _text(TRANSFER), 'transfer_file "$@"']) + "\n"


def _settings(step: Step, secrets: Mapping[str, str]) -> list[str]:
    settings: dict[str, Value] = {
        "step_host": step.node.label,
        "step_limit": str(step.limit),
        "step_digest": digest(step.inputs),
        "secrets": tuple(secrets),
    }
    return [assignment(name, value) for name, value in {**settings, **step.inputs, **secrets}.items()]


def _body(step: Step) -> list[str]:
    shared = [_text(library) for library, scripts in SHARED.items() if step.script in scripts]
    return [*shared, "step() {", _text(step.script), "}", 'run_step "$@"']


def libraries() -> str:
    """Return the libraries that every step includes: functions for its script, and the function that runs it."""
    return "\n".join(_text(library) for library in LIBRARIES)


def assignment(name: str, value: Value) -> str:
    """Return one quoted shell assignment; a tuple becomes an array."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a valid name of a shell variable")
    if isinstance(value, str):
        return f"{name}={shlex.quote(value)}"
    return f"{name}=({' '.join(map(shlex.quote, value))})"


def digest(inputs: Mapping[str, Value]) -> str:
    """Return the SHA-256 of the inputs that are not secret; receipts on the hosts contain it."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@cache
def _text(path: str) -> str:
    return (COMPONENTS / path).read_text().rstrip("\n")

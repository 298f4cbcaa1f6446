"""The stack's program: from its configuration to a registered cluster, or to findings before anything is registered."""

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pulumi

from components.cluster import DeephavenCluster, DeephavenClusterArgs, PreparationError, prepare
from components.steps.resources import SHOWN

NAME = "deephaven"
PROJECT = Path(__file__).parent.parent
INTERRUPTED = 130


def run() -> None:
    """Deploy the stack's cluster, or report why not in one line for each finding."""
    signal.signal(signal.SIGINT, _exit)
    try:
        prepared = prepare(DeephavenClusterArgs(config=_configuration(), project_dir=PROJECT))
    except PreparationError as error:
        pulumi.log.error(str(error))
        sys.exit(SHOWN)
    cluster = DeephavenCluster(NAME, prepared)
    for key, value in cluster.outputs.items():
        pulumi.export(key, value)


def _configuration() -> object:
    """Return the raw configuration object, decrypted also when a part of it is a secret.

    The SDK's own reader of objects would show the whole text when it is not JSON, and warn of the secret.
    """
    text = pulumi.Config("deephaven").get("cluster")
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _exit(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Exit at once: the engine interrupts a failing program, and a traceback would hide the host's own error."""
    os._exit(INTERRUPTED)

"""The pack: it reads the stack's configuration and starts the SDK's server, which does not return."""

import json
import sys

import pulumi
from pulumi_policy import PolicyPack

from policy.rules.adapter import Evaluator, utc
from policy.rules.settings import Settings, SettingsError, stack_settings

NAME = "deephaven"


def serve() -> None:
    """Serve the rules at the levels of the stack's environment; invalid settings of the stack end the run."""
    config = pulumi.Config("deephaven")
    try:
        set_by_stack = settings_of(config.get("policy"))
    except SettingsError as error:
        sys.exit(str(error))
    PolicyPack(name=NAME, policies=Evaluator(environment(config.get("cluster")), set_by_stack, utc).policies())


def environment(text: str | None) -> str:
    """Return the environment in the stack's configuration; empty if there is none."""
    cluster = _object(text)
    value = cluster.get("environment") if isinstance(cluster, dict) else None
    return value if isinstance(value, str) else ""


def settings_of(text: str | None) -> dict[str, Settings]:
    """Return the stack's settings for the rules; raises SettingsError."""
    return stack_settings(_object(text)) if text else {}


def _object(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text

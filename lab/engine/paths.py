"""The paths of the engine's sources and of its build."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build" / "engine"

BIN = BUILD / "bin"
"""The built programs; the directory for PATH."""

HOME = BUILD / "home"
"""PULUMI_HOME of the built engine, with the fake plugins."""

OFFICIAL = BUILD / "official"
"""The installation by Pulumi's own installer."""

STATE = HERE.parent / ".state" / "pulumi"
"""The file backend of the command `environment`."""

VENV = HERE.parents[1] / ".venv"
"""The project's virtual environment, which has a pip even if the system's Python lacks one."""

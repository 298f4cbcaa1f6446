"""Where the engine's sources are and where its build goes."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build" / "engine"

BIN = BUILD / "bin"
"""The built programs; the directory for PATH."""

HOME = BUILD / "home"
"""PULUMI_HOME of the built engine, with the plugins that stand in."""

OFFICIAL = BUILD / "official"
"""What Pulumi's own installer put here."""

STATE = HERE.parent / ".state" / "pulumi"
"""The file backend that `environment` points to."""

VENV = HERE.parents[1] / ".venv"
"""The project's virtual environment; its pip is there even where the system's Python has none."""

"""Fixtures of the engine's tests: the built engine, and projects that run on it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.engine import build
from lab.engine.find import Engine
from lab.engine.paths import BIN
from tests.integration.engine.project import Project

Start = Callable[[str], Project]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Return the built engine, even if another one is on PATH, because these tests verify the build."""
    build.build()
    return Engine(BIN, "build")


@pytest.fixture
def start(engine: Engine, tmp_path: Path) -> Start:
    """Return a function that creates a project from one of the programs here."""
    return lambda program: Project(tmp_path, engine, program)

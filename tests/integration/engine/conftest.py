"""What the engine's tests share: the built engine, and projects that run on it."""

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
    """Return the built engine, whatever else is on PATH; these tests are about the build."""
    build.build()
    return Engine(BIN, "build")


@pytest.fixture
def start(engine: Engine, tmp_path: Path) -> Start:
    """Return what makes a project of one of the programs here."""
    return lambda program: Project(tmp_path, engine, program)

"""Tests of every script whose state disk becomes full: it fails by its name or succeeds, and the next run converges."""

from pathlib import Path

import pytest

from lab.hosts import Lab
from tests.shell.bench import CASES
from tests.shell.interrupt import SOME, interrupt, place

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_disk_that_becomes_full_once_is_survived(lab: Lab, file: Path) -> None:
    interrupt(lab, file, place=place(file, "full"), whole="yes", fault="full")


@pytest.mark.long
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_disk_that_becomes_full_after_each_command_is_survived(lab: Lab, file: Path) -> None:
    interrupt(lab, file, whole="", fault="full", every=SOME)

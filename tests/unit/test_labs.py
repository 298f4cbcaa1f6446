"""Each test module has its own lab: lab names are shortened, and modules with the same name would share hosts."""

import re
from collections import Counter
from pathlib import Path

from tests.support.labs import lab_name
from tests.unit.conftest import PROJECT


def lab_of(module: Path) -> str:
    """Return the name of a module's lab, as its fixtures compute it."""
    match = re.search(r'^(?:LAB|NAME) = (?:lab_name\()?"(\w+)"', module.read_text(), re.MULTILINE)
    return lab_name(match[1] if match else module.stem.removeprefix("test_"))


def test_no_two_modules_have_the_same_lab() -> None:
    modules = [*(PROJECT / "tests/integration").rglob("test_*.py"), *(PROJECT / "tests/shell").glob("test_*.py")]
    users = [module for module in modules if re.search(r"\b(lab|cluster|installed): ", module.read_text())]
    assert len(users) > 20
    names = Counter(map(lab_of, users))
    assert {module.name: lab_of(module) for module in users if names[lab_of(module)] > 1} == {}

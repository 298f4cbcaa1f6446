"""Options and limits of the test run, and a lab of bare hosts.

`--part=K/N` selects every N-th module, so that long modules can be spread over several runs.
"""

import gc
import re
from collections.abc import Iterator

import pytest

from lab.hosts import Lab
from tests.support.labs import module_lab, temporary_lab

UNIT_SECONDS = 60  # for a test that needs no hosts


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --part."""
    parser.addoption("--part", metavar="K/N", help="run part K of N of the selected tests, K from 1 to N")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an invalid part."""
    if config.getoption("--part"):
        share(config.getoption("--part"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Limit the time of unit tests, put the shell tests first, and deselect the tests of other parts.

    Workers take modules in order, and the long shell module must not start last. A part has whole modules, because a
    test may depend on earlier tests of its module.
    """
    items.sort(key=lambda item: item.path.parent.name != "shell")
    for item in items:
        if not item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.timeout(UNIT_SECONDS))
    if not config.getoption("--part"):
        return
    part, parts = share(config.getoption("--part"))
    modules = sorted({item.path for item in items})
    selected = set(modules[part - 1 :: parts])
    config.hook.pytest_deselected(items=[item for item in items if item.path not in selected])
    items[:] = [item for item in items if item.path in selected]


def pytest_collection_finish() -> None:
    """Exclude modules and collected tests from garbage collection, which takes a sixth of the unit tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return a lab with the number of bare hosts in the module's HOSTS, by default one."""
    with temporary_lab(module_lab(request.module)) as lab:
        lab.up(getattr(request.module, "HOSTS", 1))
        yield lab


def share(text: str) -> tuple[int, int]:
    """Return the part and the number of parts; raises UsageError if they are invalid."""
    match = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", text)
    if not match or int(match[1]) > int(match[2]):
        raise pytest.UsageError(f"--part={text}: write K/N, with K from 1 to N")
    return int(match[1]), int(match[2])

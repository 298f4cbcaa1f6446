"""Options and limits of the test run, and a lab of bare hosts for modules that want no more.

`--part=k/n` takes every n-th module, to spread long ones over runs.
"""

import gc
import re
from collections.abc import Iterator

import pytest

from lab.hosts import Lab
from tests.support.labs import module_lab, taken

UNIT_SECONDS = 60  # for a test that needs no hosts


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--part", metavar="K/N", help="run part K of N of the selected tests, K from 1 to N")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a part that is none."""
    if config.getoption("--part"):
        share(config.getoption("--part"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Limit unit tests, begin with the scripts' long module, and keep the tests of the part.

    Workers take modules in order: none shall be left with one of minutes at the end. A part has whole modules, because
    tests of one module may follow one another on one host.
    """
    items.sort(key=lambda item: item.path.parent.name != "shell")
    for item in items:
        if not item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.timeout(UNIT_SECONDS))
    if not config.getoption("--part"):
        return
    part, parts = share(config.getoption("--part"))
    modules = sorted({item.path for item in items})
    taken = set(modules[part - 1 :: parts])
    config.hook.pytest_deselected(items=[item for item in items if item.path not in taken])
    items[:] = [item for item in items if item.path in taken]


def pytest_collection_finish() -> None:
    """Keep the collector from going through imported and collected things again and again: a sixth of unit's time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return a lab with as many bare hosts as the module's HOSTS says, else one."""
    with taken(module_lab(request.module)) as made:
        made.up(getattr(request.module, "HOSTS", 1))
        yield made


def share(text: str) -> tuple[int, int]:
    """Return part and number of parts; raises UsageError when they do not fit."""
    match = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", text)
    if not match or int(match[1]) > int(match[2]):
        raise pytest.UsageError(f"--part={text}: write K/N, with K from 1 to N")
    return int(match[1]), int(match[2])

"""Options of the test run: `--part=k/n` takes every n-th test, so that long ones can be spread over runs."""

import re

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--part", metavar="K/N", help="run part K of N of the selected tests, K from 1 to N")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a part that is none."""
    if config.getoption("--part"):
        share(config.getoption("--part"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the part: whole modules, because tests of one module may follow one another on one host."""
    if not config.getoption("--part"):
        return
    part, parts = share(config.getoption("--part"))
    modules = sorted({item.path for item in items})
    taken = set(modules[part - 1 :: parts])
    config.hook.pytest_deselected(items=[item for item in items if item.path not in taken])
    items[:] = [item for item in items if item.path in taken]


def share(text: str) -> tuple[int, int]:
    """Return part and number of parts; raises UsageError when they do not fit."""
    match = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", text)
    if not match or int(match[1]) > int(match[2]):
        raise pytest.UsageError(f"--part={text}: write K/N, with K from 1 to N")
    return int(match[1]), int(match[2])

"""Parts of a test run: together they are all, and a part that is none is refused."""

import pytest

from tests.conftest import share


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/", "/2", "1/100"])
def test_a_part_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="write K/N"):
        share(text)


def test_a_part_is_read() -> None:
    assert share("2/3") == (2, 3)

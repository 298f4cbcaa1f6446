"""Parts of a test run: the option is parsed, and an invalid one is refused."""

import pytest

from tests.conftest import share


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/", "/2", "1/100"])
def test_an_invalid_part_is_refused(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="write K/N"):
        share(text)


def test_a_part_is_parsed() -> None:
    assert share("2/3") == (2, 3)

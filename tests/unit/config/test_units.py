"""Sizes and times must have a unit."""

import pytest

from components.config.units import parse_seconds, parse_size, show_size


def test_sizes_are_read_with_their_unit() -> None:
    assert [parse_size(text) for text in ("1MiB", "1.5 GiB", "2TiB")] == [2**20, 3 * 2**29, 2**41]


@pytest.mark.parametrize("text", ["128", 128, "128GB", "-1GiB", "GiB", "1GiB more", None])
def test_an_invalid_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write a size with its unit, like 128GiB"):
        parse_size(text)


def test_times_are_read_in_seconds() -> None:
    assert [parse_seconds(text) for text in ("2s", "0.5 s")] == [2, 0.5]


@pytest.mark.parametrize("text", ["2", 2, "2m", "s"])
def test_an_invalid_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write a time in seconds, like 2s"):
        parse_seconds(text)


def test_sizes_are_shown_in_gib_or_mib() -> None:
    assert [show_size(size) for size in (2**29, 2**30, 2**40)] == ["512 MiB", "1 GiB", "1024 GiB"]

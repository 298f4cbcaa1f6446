"""The lint of words finds each replaced word, and accepts plain English."""

import pytest

from tests.lint_words import findings, main


@pytest.mark.parametrize(
    "text",
    [
        "the host is told", "made anew", "mend it", "beside the cluster", "the former build", "it is gone",
        "see that it runs", "is no key", "has not the role", "stands in the file", "a relay", "it is judged",
        "def test_a_host_is_told() -> None:", "twin = copy()", "the change laid over it", "a name space", "in clear",
        "the stand-in", "standins", "a dressed host",
    ],
)  # fmt: skip
def test_a_replaced_word_is_found(text: str) -> None:
    (line,) = findings("x.md", f"fine\n{text}\n")
    assert line.startswith("x.md:2: ")
    assert "; write: " in line


@pytest.mark.parametrize(
    "text",
    [
        "foretold nothing", "standard input", "besides", "formerly", "understands for sure", "there is no host",
        "it is no longer declared", "in clear text",
    ],
)  # fmt: skip
def test_plain_words_pass(text: str) -> None:
    assert list(findings("x.md", text)) == []


def test_the_tree_has_no_replaced_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err

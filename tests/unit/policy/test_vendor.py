"""The pack contains nothing vendor-specific: the policy view of the topology has all that it needs."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.unit.conftest import PROJECT

PROFILE = PROJECT / "components/release/1.20200121.yaml"
WORDS = re.compile(
    r"/[A-Za-z0-9._/-]+|--[a-z-]+|\b[a-z0-9]+(?:[_-][a-z0-9]+)*_(?:server|service|controller)\b|\b\d{4}\b"
)


def vendors() -> set[str]:
    """Return the paths, flags, service names and ports of the release profile."""
    return {word for text in _leaves(yaml.safe_load(PROFILE.read_text())) for word in WORDS.findall(text)}


def _leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for inner in value.values():
                yield from _leaves(inner)
        case list():
            for inner in value:
                yield from _leaves(inner)
        case _:
            yield str(value)


def test_vendor_words_of_the_profile_are_found() -> None:
    assert {"/db/Systems", "--insecure", "db_query_server", "2379"} <= vendors()


def test_no_vendor_word_appears_in_the_pack() -> None:
    sources = [*Path(PROJECT / "policy").rglob("*.py"), *Path(PROJECT / "policy").rglob("*.yaml")]
    assert len(sources) > 10
    words = "|".join(map(re.escape, vendors()))
    matches = {
        (source.name, word)
        for source in sources
        for word in re.findall(rf"(?<![\w/-])(?:{words})(?![\w/-])", source.read_text())
    }
    assert matches == set()

"""The JSON Schema that the stack files refer to is that of the models."""

import json
from pathlib import Path

import pytest

from components.config.schema import schema

STACKS = Path(__file__).parents[3] / "stacks"


def test_the_committed_schema_is_that_of_the_models() -> None:
    assert json.loads((STACKS / "cluster.schema.json").read_text()) == schema(), "run make schema"


@pytest.mark.parametrize("file", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_every_stack_file_refers_to_the_schema(file: Path) -> None:
    assert file.read_text().startswith("# yaml-language-server: $schema=cluster.schema.json\n")

"""A stack file is read without Pulumi: its secrets stay encrypted, and each problem is one line."""

from pathlib import Path

import pytest
import yaml

from components.config.stack_file import ENCRYPTED, load_stack
from components.errors import ConfigurationError
from tests.unit.conftest import raw_of


def written(directory: Path, text: str) -> Path:
    file = directory / "Pulumi.mine.yaml"
    file.write_text(text)
    return file


def test_a_secret_is_replaced_wherever_it_is(tmp_path: Path) -> None:
    raw = raw_of("test")
    raw["certificate"] = {"kind": "provided", "crt": {"secure": "v1:abc"}, "key": {"secure": "v1:def"}}
    config = load_stack(written(tmp_path, yaml.safe_dump({"config": {"deephaven:cluster": raw}})))
    assert config.certificate.kind == "provided"
    assert config.certificate.crt == config.certificate.key == ENCRYPTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [", "Pulumi.mine.yaml: invalid YAML in line 1"),
        ("a: 2024-13-45", "Pulumi.mine.yaml: invalid YAML (it cannot be read); fix it"),
        ("[" * 500, "Pulumi.mine.yaml: invalid YAML (it cannot be read); fix it"),
        ("[]", "Pulumi.mine.yaml: config.deephaven:cluster is missing"),
        ("config: {}", "Pulumi.mine.yaml: config.deephaven:cluster is missing"),
        ("config: {'deephaven:cluster': {secure: v1:abc}}", "deephaven:cluster: "),
        ("config: {'deephaven:cluster': {environment: test}}", "deephaven:cluster.release: is missing"),
    ],
)
def test_each_problem_is_one_line_with_a_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_stack(written(tmp_path, text))
    assert any(line.startswith(message) and "; " in line for line in error.value.findings)
    assert all(line.isprintable() for line in error.value.findings)

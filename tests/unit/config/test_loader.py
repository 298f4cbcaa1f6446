"""The config loader: a good stack passes, and each bad one gets exactly its lines, all at once."""

from pathlib import Path
from typing import Any

import pytest

from components.config.loader import load_config, warnings
from components.errors import ConfigurationError, DeploymentError
from components.plan import plan
from tests.unit.config.cases import BAD, changed, load_case
from tests.unit.conftest import make_spec


def test_the_test_stack_is_accepted(raw: dict[str, Any]) -> None:
    assert list(load_config(raw).hosts) == ["infra"]


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_bad_stack_gets_its_lines(file: Path, raw: dict[str, Any]) -> None:
    change, expected = load_case(file)
    with pytest.raises(DeploymentError) as refusal:
        plan(make_spec(changed(raw, change)), digest="0" * 64)
    assert list(refusal.value.findings) == expected


def test_at_least_twenty_bad_stacks_exist() -> None:
    assert len(list(BAD.glob("*.yaml"))) >= 20


def test_every_finding_is_one_line_that_begins_with_the_key_path() -> None:
    for file in BAD.glob("*.yaml"):
        for line in load_case(file)[1]:
            assert line.startswith("deephaven:cluster.")
            assert "\n" not in line


@pytest.mark.parametrize("raw_value", [None, [], "text", 7])
def test_a_value_that_is_not_a_mapping_is_refused(raw_value: object) -> None:
    with pytest.raises(ConfigurationError, match="is not a mapping"):
        load_config(raw_value)


def test_an_even_number_of_members_is_a_warning_in_a_test_cluster(raw: dict[str, Any]) -> None:
    second = {"fqdn": "h2.lab.internal", "ip": "10.77.0.12"}
    change = {"etcd": ["infra", "second"], "hosts": {"second": second}}
    assert load_config(changed(raw, change)).etcd == ["infra", "second"]
    (line,) = warnings(changed(raw, change))
    assert line.startswith("deephaven:cluster.etcd: 2 members tolerate no more failures than 1; add or remove one")
    assert warnings(raw) == []


def test_no_message_about_a_bad_stack_contains_the_marker_that_represents_a_secret() -> None:
    cases = [file for file in BAD.glob("*.yaml") if "MARKER" in str(load_case(file)[0])]
    assert len(cases) >= 10
    for file in cases:
        assert "MARKER" not in " ".join(load_case(file)[1]), file.name

"""The plan as text is complete: every step with its guide number and hosts, in an order that can run."""

import json
import re
import subprocess
import sys

import pytest

from components.__main__ import main
from components.installation import Installation
from components.plan import plan
from components.plan_report import FORMATS, as_dot, as_json, as_mermaid, as_table, lines
from components.steps.model import Plan
from tests.unit.conftest import spec_of
from tests.unit.test_installation import STACKS


def planned(stack: str) -> Plan:
    return plan(spec_of(stack), digest="")


@pytest.mark.parametrize("stack", STACKS)
def test_json_has_every_step_once_and_after_its_dependencies(stack: str) -> None:
    items = json.loads(as_json(planned(stack)))
    assert [item["resource"] for item in items] == [step.resource_name for step in planned(stack)]
    done: set[str] = set()
    for item in items:
        assert set(item["after"]) <= done, item["resource"]
        done.add(item["resource"])


def test_json_has_the_kind_of_each_step() -> None:
    kinds = {item["resource"]: item["kind"] for item in json.loads(as_json(planned("production")))}
    assert (kinds["infra-rpm"], kinds["query1-auth"], kinds["infra-keygen"]) == ("copy", "transfer", "script")


def test_the_table_has_a_line_for_each_row_with_guide_number_and_hosts() -> None:
    heading, *rows = as_table(planned("production")).splitlines()
    assert heading.split() == ["guide", "step", "phase", "hosts", "after"]
    assert len(rows) == len(lines(planned("production")))
    assert re.sub(" +", " ", next(row for row in rows if row.startswith("8, 9"))) == (
        "8, 9 etcd-config etcd query1, query2 etcd-config, product"
    )


def test_the_shipped_stacks_use_all_rows_except_those_for_other_sources_and_repairs() -> None:
    used = {line.row for stack in STACKS for line in lines(planned(stack))}
    unused = {row.name for row in Installation} - {row.name for row in Installation if row in used}
    assert unused == {
        "RPM_URL", "ETCD_REPLACE", "ACL_PASSWORD", "ACL_READER", "CUS_ELSEWHERE", "ROUTING_OWN", "ROUTING_FILE",
        "EXAMPLE_DATA",
    }  # fmt: skip


def test_every_guide_step_from_1_to_22_is_in_the_installation() -> None:
    numbers: set[int] = set()
    for row in Installation:
        for part in row.guide.split(", "):
            if bounds := re.fullmatch(r"(\d+)(?:-(\d+))?", part):
                numbers |= set(range(int(bounds[1]), int(bounds[2] or bounds[1]) + 1))
    assert numbers == set(range(1, 23))


@pytest.mark.parametrize("stack", STACKS)
def test_graphs_have_each_node_once_and_edges_only_between_nodes(stack: str) -> None:
    mermaid, dot = as_mermaid(planned(stack)), as_dot(planned(stack))
    nodes = re.findall(r"^    ([a-z-]+)\[", mermaid, re.MULTILINE)
    assert len(nodes) == len(set(nodes))
    assert set(nodes) == {step.name for step in planned(stack)}
    assert sorted(re.findall(r'^    "([a-z-]+)" \[', dot, re.MULTILINE)) == sorted(nodes)
    edges = re.findall(r"^  ([a-z-]+) --> ([a-z-]+)$", mermaid, re.MULTILINE)
    assert edges == re.findall(r'^  "([a-z-]+)" -> "([a-z-]+)"$', dot, re.MULTILINE)
    assert {name for edge in edges for name in edge} <= set(nodes)
    assert not [edge for edge in edges if edge[0] == edge[1]]
    groups = set(re.findall(r"subgraph ([a-z-]+)", mermaid))
    assert groups & set(nodes) == set()


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_prints_each_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "test-mysql", "--format", form]) == 0
    printed = capsys.readouterr()
    assert printed.out == FORMATS[form](planned("test-mysql"))
    assert printed.err == ""


def test_the_command_lists_the_stacks_if_the_name_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "nothing"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Pulumi.nothing.yaml: cannot read ")
    assert ", ".join(STACKS) in line


def test_the_command_needs_a_stack(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan"])
    assert ended.value.code == 2
    assert "stack" in capsys.readouterr().err


def test_the_command_loads_neither_pulumi_nor_asyncssh() -> None:
    code = "import sys; import components.__main__; print([m for m in ('pulumi', 'asyncssh') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

"""Messages have the form `WHERE: what is wrong; what to do`, so that an operator finds place and remedy at once."""

import re
from pathlib import Path

import pytest

from components.safety.finding import FINDINGS
from components.steps.hints import REMEDIES
from tests.unit.config.cases import BAD, load_case
from tests.unit.conftest import PROJECT

FORM = re.compile(r"deephaven:[^ :]+: .+; .+")
# A remedy begins with one of these imperative verbs.
VERBS = frozenset({
    "check", "choose", "compare", "complete", "consolidate", "correct", "disable", "download", "drop", "enable", "find",
    "fix", "free", "give", "install", "list", "make", "move", "provide", "read", "remove", "report", "restore", "run",
    "set", "start", "stop", "unmount", "use",
})  # fmt: skip
QUOTED = r"""("(?:[^"\\]|\\.)*"|'[^']*'(?:"'"'[^']*')*)"""
FAIL = re.compile(rf"\bfail(?:_transfer)? {QUOTED} {QUOTED}")
RUN = re.compile(rf"\b(?:run|run_vendor|stop_all) {QUOTED}")


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_finding_about_a_stack_file_has_the_form(file: Path) -> None:
    _, lines = load_case(file)
    assert [line for line in lines if not FORM.fullmatch(line)] == []


@pytest.mark.parametrize(
    "line", ["deephaven:cluster.etcd: is empty", "etcd: is empty; list one host", "is empty; list"]
)
def test_a_malformed_message_is_detected(line: str) -> None:
    assert not FORM.fullmatch(line)


def joined(script: Path) -> str:
    """Return a script with each continued line in one."""
    return re.sub(r" \\\n +", " ", script.read_text())


def remedies() -> list[tuple[str, str]]:
    """Return each literal remedy in the scripts with its file; one that begins with a variable comes from elsewhere."""
    pairs = []
    for file in sorted((PROJECT / "components").rglob("scripts/*.sh")):
        lines = [line for line in joined(file).splitlines() if not line.lstrip().startswith("#")]
        for line in lines:
            pairs += [(file.name, match[2][1:]) for match in FAIL.finditer(line)]
            pairs += [(file.name, match[1][1:]) for match in RUN.finditer(line)]
            pairs += [(file.name, match[1][1:]) for match in re.finditer(rf"\bremedy={QUOTED}", line)]
    return [(file, remedy) for file, remedy in pairs if not remedy.startswith("$")]


def test_every_remedy_of_a_script_begins_with_a_verb() -> None:
    assert len(remedies()) > 80
    assert [(file, remedy) for file, remedy in remedies() if remedy.split()[0].rstrip(":") not in VERBS] == []


def test_a_failure_of_a_script_is_not_a_whole_sentence() -> None:
    texts = [match[1] for file in (PROJECT / "components").rglob("*.sh") for match in FAIL.finditer(joined(file))]
    assert len(texts) > 60
    assert [text for text in texts if text[1:-1].endswith(".") or re.match(r"(The|A|An|This) ", text[1:-1])] == []


def test_hints_have_a_problem_and_a_remedy_that_begins_with_a_verb_or_a_condition() -> None:
    assert [remedy for _, _, remedy in REMEDIES if remedy.split()[0] not in VERBS | {"allow", "if"}] == []


def test_findings_are_named_like_problems() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in FINDINGS)
    assert all(when[0].islower() and not when.endswith(".") for when, _ in FINDINGS.values())

"""The check of the Go sources fails for bad formatting, a finding of vet, and a failing test."""

from pathlib import Path

import pytest

from lab.engine import check
from lab.engine.errors import EngineError

GOOD = "package sample\n\nfunc One() int { return 1 }\n"
TEST = """package sample

import "testing"

func TestOne(t *testing.T) {
\tif One() != %d {
\t\tt.Fatal("not what was expected")
\t}
}
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a module that passes."""
    (tmp_path / "go.mod").write_text("module sample\n\ngo 1.26\n")
    (tmp_path / "sample.go").write_text(GOOD)
    (tmp_path / "sample_test.go").write_text(TEST % 1)
    monkeypatch.setattr(check, "MODULES", {tmp_path: "./..."})
    return tmp_path


def test_a_good_module_passes(module: Path) -> None:
    assert check.check() == [f"{module.name} passed"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("sample.go", GOOD.replace("{ return 1 }", "{return 1}"), "not formatted; run gofmt -w sample.go"),
        ("sample_test.go", TEST % 2, "go test failed: (.|\\n)*not what was expected"),
        ("more.go", 'package sample\n\nimport "fmt"\n\nfunc show() { fmt.Printf("%d", "x") }\n', "go vet failed"),
    ],
)
def test_a_problem_is_reported(module: Path, name: str, content: str, message: str) -> None:
    (module / name).write_text(content)
    with pytest.raises(EngineError, match=message):
        check.check()

"""The lint of shell finds long lines and what hosts do not support."""

import pytest

from components.steps.script import COMPONENTS
from tests.lint_shell import MOST, PROJECT, long_lines, refused, shell_files


@pytest.mark.parametrize("line", ["x" * (MOST + 1), "fail 'short' " + "y" * MOST, f"# {'z' * MOST}"])
def test_a_long_line_is_found(line: str) -> None:
    (finding,) = long_lines("x.sh", f"fine\n{line}\n")
    assert finding.startswith(f"x.sh:2: has {len(line)} characters; ")


@pytest.mark.parametrize("line", ["x" * MOST, f"  '{'y' * MOST}' \\", f'  name="{"z" * MOST}"'])
def test_a_line_that_one_string_fills_passes(line: str) -> None:
    assert list(long_lines("x.sh", line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "monit summary | grep -q OK", "cat x |grep -xFq y", "local -n result=$1", "declare -gn x=y", "wait -n",
        "mapfile -t -d '' files", "echo ${x@Q}", "shopt -s inherit_errexit", "now=$EPOCHSECONDS", "[ -v 'x[1]' ]",
        "last=${words[-1]}",
    ],
)  # fmt: skip
def test_what_hosts_do_not_support_is_found(line: str) -> None:
    (finding,) = refused("x.sh", f"fine\n{line}\n")
    assert finding.startswith("x.sh:2: ")


@pytest.mark.parametrize(
    "line", ["grep -q OK file", "cat x | grep OK >/dev/null", "local new=$1", "# no | grep -q here", "mapfile -t rows"]
)
def test_supported_shell_passes(line: str) -> None:
    assert list(refused("x.sh", line)) == []


def test_every_script_of_the_components_is_linted() -> None:
    scripts = {str(path.relative_to(PROJECT)) for path in COMPONENTS.rglob("*.sh")}
    assert scripts <= set(shell_files())

"""The runtime of the steps on a lab host, for tests that run a step without the first step of its host."""

import shlex

from components.steps.model import Step
from components.steps.script import digest, runtime, runtime_file

DIRECTORY = runtime_file().rpartition("/")[0]
INSTALL = f"mkdir -p {DIRECTORY} && printf '%s\\n' {shlex.quote(runtime())} >{runtime_file()}"
"""Shell that installs it, as root."""


def answered(step: Step, stdout: str) -> str:
    """Return what a step reports, without the lines that mark its answer; a failed step has no answer."""
    if not stdout:
        return ""
    begin, *lines, end = stdout.splitlines(keepends=True)
    assert (begin, end) == (f"step: {step.name} {digest(step.inputs)}\n", f"end: {step.name}\n")
    return "".join(lines)

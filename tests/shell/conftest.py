"""A step with any body on a lab host, for tests of what every step adds to its script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.installation import Phase, Row
from components.steps import script
from components.steps.model import Step
from components.steps.script import launcher, render
from lab.hosts import Lab
from tests.shell.bench import NODE
from tests.support.runtime import INSTALL, answered

TRIAL = Row("trial", "-", "-", Phase.HOSTS, "trial.sh")
SECRET = "Wq9zT4mXk2LpVb7R"  # noqa: S105 - only for this test


class Trial:
    """Runs shell text as a step on the host."""

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.lab = lab
        self._folder = folder
        self._patch = monkeypatch

    def text(self, body: str, *, limit: int = 30, secret: str = SECRET, **inputs: str) -> str:
        """Return the standard input of a step with this body."""
        (self._folder / "trial.sh").write_text(body)
        script.runtime()  # read before its directory changes
        self._patch.setattr(script, "COMPONENTS", self._folder)
        script._text.cache_clear()  # noqa: SLF001 - each call has another body
        self._step = Step(row=TRIAL, node=NODE, after=(), limit=limit, inputs=inputs, secrets={"password": "password"})
        return render(self._step, {"password": secret})

    def run(self, body: str, **options: object) -> tuple[int, str, str]:
        """Run a step with this body; return its exit status, standard output and standard error."""
        text = self.text(body, **options)  # type: ignore[arg-type]
        result = self.lab.ssh("h1", launcher("trial"), input=text, check=False)
        return result.returncode, answered(self._step, result.stdout), result.stderr

    def root(self, shell: str) -> str:
        """Run shell as root on the host and return its output."""
        return self.lab.shell("h1", shell).stdout


@pytest.fixture
def trial(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Trial]:
    """Return a trial on a host without receipts and logs."""
    trial = Trial(lab, monkeypatch, tmp_path)
    trial.root(f"rm -rf /var/lib/deephaven-install /var/log/deephaven-install\n{INSTALL}")
    yield trial
    script._text.cache_clear()  # noqa: SLF001 - other tests read the real scripts

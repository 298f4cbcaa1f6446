"""The choice of the engine."""

import os
from pathlib import Path

import pytest

from lab.engine import build, find, official
from lab.engine.errors import EngineError
from lab.engine.find import Engine
from lab.engine.programs import VERSION


@pytest.mark.parametrize("text", [f"v{VERSION}", VERSION, "v3.300.0", f"v{VERSION}-alpha.1"])
def test_the_sdks_version_and_newer_ones_are_compatible(text: str) -> None:
    assert find.fits(text)


@pytest.mark.parametrize("text", ["v3.273.9", "v2.300.0", "v4.0.0", "", "no version"])
def test_older_versions_and_other_majors_are_incompatible(text: str) -> None:
    assert not find.fits(text)


def _install(directory: Path, version: str, *, host: bool = True) -> Path:
    directory.mkdir(parents=True)
    for name in ["pulumi", "pulumi-language-python"] if host else ["pulumi"]:
        (directory / name).write_text(f"#!/bin/sh\necho {version}\n")
        (directory / name).chmod(0o755)
    return directory


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the installer's directory on a machine without an engine."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(find, "OFFICIAL", tmp_path / "official")
    monkeypatch.setattr(find, "BIN", tmp_path / "built")
    monkeypatch.setattr(build, "complete", lambda: False)
    return tmp_path / "official"


def _on_path(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_a_compatible_engine_on_path_comes_first(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(nothing / "bin", f"v{VERSION}")
    mine = _install(tmp_path / "mine", "v3.300.0")
    _on_path(monkeypatch, mine)
    assert find.find() == Engine(mine, "path")


@pytest.mark.parametrize(("version", "host"), [("v3.100.0", True), ("v3.300.0", False)])
def test_an_old_or_incomplete_engine_on_path_is_skipped(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, host: bool
) -> None:
    _install(nothing / "bin", f"v{VERSION}")
    _on_path(monkeypatch, _install(tmp_path / "mine", version, host=host))
    assert find.find() == Engine(nothing / "bin", "official")


@pytest.mark.usefixtures("nothing")
def test_the_build_on_path_is_recognized_as_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _on_path(monkeypatch, _install(tmp_path / "built", f"v{VERSION}"))
    monkeypatch.setattr(build, "complete", lambda: True)
    monkeypatch.setattr(build, "build", lambda: ["nothing changed"])
    assert find.find() == Engine(tmp_path / "built", "build")


@pytest.mark.usefixtures("nothing")
def test_without_a_download_it_is_built_and_the_reason_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> None:
        raise EngineError("no download from here")

    monkeypatch.setattr(official, "install", refused)
    monkeypatch.setattr(build, "build", lambda: ["built pulumi"])
    messages: list[str] = []
    assert find.find(messages.append) == Engine(tmp_path / "built", "build")
    assert messages == ["no download from here; building it instead (some minutes)", "built pulumi"]


def test_a_download_that_works_is_used(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "install", lambda target: _install(target / "bin", f"v{VERSION}"))
    assert find.find() == Engine(nothing / "bin", "official")


def test_only_the_build_hides_the_plugin_download(tmp_path: Path) -> None:
    built = Engine(tmp_path, "build").environment(tmp_path)
    real = Engine(tmp_path, "path").environment(tmp_path)
    assert built["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" not in real
    assert built["PULUMI_HOME"] != real["PULUMI_HOME"]
    assert built["PULUMI_BACKEND_URL"] == f"file://{tmp_path}"

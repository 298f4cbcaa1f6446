"""Builds of the base and the yum repository: their sources, and conditions for a new build."""

import os
from pathlib import Path

import pytest

from lab.hosts import LabError, build, packages, paths, process, repository, stubs
from lab.hosts.stamp import Stamp


def test_a_stamp_is_valid_until_a_source_changes(tmp_path: Path) -> None:
    source, built = tmp_path / "source", tmp_path / "built"
    source.mkdir()
    (source / "a.sh").write_text("one")
    assert not Stamp(built, [source]).fits()
    built.mkdir()
    assert not Stamp(built, [source]).fits()
    Stamp(built, [source]).write()
    assert Stamp(built, [source]).fits()
    (source / "__pycache__").mkdir()
    (source / "__pycache__/a.pyc").write_text("byte code")
    assert Stamp(built, [source]).fits()
    (source / "a.sh").write_text("two")
    changed = Stamp(built, [source])
    assert not changed.fits()
    assert changed.complete()
    changed.remove()
    assert not changed.complete()


@pytest.mark.parametrize("change", ["mode", "name", "more"])
def test_a_stamp_depends_on_modes_names_and_new_files(tmp_path: Path, change: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    file = source / "a.sh"
    file.write_text("one")
    stamp = Stamp(source, [source])
    stamp.write()
    if change == "mode":
        file.chmod(0o755)
    elif change == "name":
        file.rename(source / "b.sh")
    else:
        (source / "empty").touch()
    assert not Stamp(source, [source]).fits()


@pytest.mark.parametrize(
    ("debian", "rpm"),
    [
        ("3.4.23-4+b4", "3.4.23"),
        ("1:5.33.0-1", "5.33.0"),
        ("1:10.11.19-0+deb12u1", "10.11.19"),
        ("7.88.1~rc2", "7.88.1"),
    ],
)
def test_versions_lose_parts_that_rpm_rejects(debian: str, rpm: str) -> None:
    assert packages.rpm_version(debian) == rpm


def test_files_in_etc_are_configuration_and_links_are_listed(tmp_path: Path) -> None:
    for name in ("etc/a.conf", "usr/bin/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "usr/lib").symlink_to("bin")
    assert packages.listed(tmp_path) == ['"/usr/bin/a"', '"/usr/lib"', '%config(noreplace) "/etc/a.conf"']


def test_the_guides_packages_are_built_from_named_debian_packages() -> None:
    assert [source.name for source in packages.SOURCES] == ["etcd", "lighttpd", "mariadb-server", "monit"]
    assert {"etcd-server", "etcd-client", "monit", "lighttpd", "mariadb-server"} <= set(packages.debs())


def test_no_host_has_the_guides_packages_at_the_start() -> None:
    base = (paths.HERE / "base/packages.txt").read_text().split()
    assert {"python3", "openssl", "curl", "jq"} <= set(base)
    assert not [name for name in base if name.startswith(("etcd", "monit", "mariadb", "lighttpd", "openjdk"))]


def test_the_table_of_stubs_is_read_without_comments() -> None:
    assert stubs.parse_table("# a comment\nprocps-ng procps\n\nwhich debianutils\n") == {
        "procps-ng": "procps",
        "which": "debianutils",
    }


def test_an_entry_for_a_package_that_the_base_lacks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(stubs, "_versions", lambda _: {"acl": "2.3.1-3"})
    with pytest.raises(LabError, match=r"rpm-stubs.txt: the base lacks .*bash"):
        stubs.register(tmp_path)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(build, "BASE", tmp_path / "base")
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "PACKAGES", tmp_path / "packages")
    monkeypatch.setattr(build, "STATE", tmp_path / "state")
    return tmp_path


@pytest.mark.usefixtures("places")
def test_hosts_without_a_base_are_refused() -> None:
    with pytest.raises(LabError, match=r"missing; run python3 -m lab\.hosts build"):
        build.require_built()


def test_a_base_that_hosts_use_is_not_rebuilt(places: Path) -> None:
    (places / "state/t-one/hosts/h1").mkdir(parents=True)
    with pytest.raises(LabError, match=r"^base: out of date, .*; run python3 -m lab\.hosts --lab t-one down"):
        build.build()
    assert not (places / "base.new").exists()


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"no \.deb of etcd-server"):
        packages.repackage(packages.SOURCES[0], tmp_path / "debs", tmp_path / "packages")


def test_build_results_are_readable_on_hosts_with_any_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "PACKAGES", tmp_path / "packages")
    rpm = tmp_path / "a.rpm"
    rpm.touch(0o600)
    before = os.umask(0o077)
    try:
        repository.add(rpm)
        process.run("mkdir", tmp_path / "packages" / "repodata")
    finally:
        os.umask(before)
    modes = [
        path.stat().st_mode & 0o777 for path in (tmp_path / "packages", *sorted((tmp_path / "packages").iterdir()))
    ]
    assert modes == [0o755, 0o644, 0o755]

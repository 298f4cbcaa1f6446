"""The build of the fake product's RPMs is skipped if nothing has changed, and reproducible."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from lab.product import build as product
from lab.product import fetch, stage
from lab.product.errors import ProductError
from lab.product.files.dhlib import faults

VOCABULARIES = [json.loads((stage.SOURCES / f"vocabulary/{name}.json").read_text()) for name in ("guide", "second")]


def query(path: Path, form: str) -> str:
    command = ["rpm", "-qp", "--dbpath", "/nonexistent", "--nosignature", "--qf", form, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def built(target: Path) -> dict[str, bytes]:
    indexed: list[bool] = []
    product.build(target, lambda: indexed.append(True))
    assert indexed
    return {name: (target / name).read_bytes() for name in product.names()}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build everything once."""
    directory = tmp_path_factory.mktemp("product")
    built(directory)
    return directory


@pytest.mark.lab
def test_the_same_sources_produce_the_same_bytes(target: Path, tmp_path: Path) -> None:
    first = {name: (target / name).read_bytes() for name in product.names()}
    assert built(tmp_path) == first
    assert len({*first.values()}) == len(first)


@pytest.mark.lab
def test_the_rpm_has_the_expected_name_and_description(target: Path) -> None:
    path = target / "illumon-db-1.20200121.008-1-1.rpm"
    assert query(path, "%{NAME} %{VERSION} %{RELEASE}") == "illumon-db 1.20200121.008 1"
    assert "test double" in query(path, "%{DESCRIPTION}")
    assert "TEST DOUBLE" in query(path, "%{SUMMARY}")
    files = query(path, "[%{FILENAMES}\n]").splitlines()
    for expected in (
        "/usr/illumon/1.20200121.008/install/iris_keygen.sh",
        "/db/Intraday",
        "/db/Systems",
        "/etc/init.d/iris",
    ):
        assert expected in files
    assert query(target / "illumon-db-1.20200121.012-1-1.rpm", "%{VERSION}") == "1.20200121.012"


@pytest.mark.lab
@pytest.mark.long
def test_a_build_is_skipped_until_a_source_or_an_output_changes(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert product.build(target, pytest.fail) == "product: nothing changed"
    (target / product.names()[0]).unlink()
    assert "built" in product.build(target, lambda: None)
    monkeypatch.setattr(product, "digest", lambda: "another")
    assert "built" in product.build(target, lambda: None)
    assert not list(target.glob("product.*/"))


def test_the_digest_depends_on_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.sh").write_text("one")
    monkeypatch.setattr(stage, "SOURCES", tmp_path)
    before = product.digest()
    assert product.digest() == before
    (tmp_path / "a.sh").write_text("two")
    assert product.digest() != before


def test_a_missing_tool_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProductError, match=r"^machine: tools missing; run apt-get install rpm"):
        product.build(tmp_path)


def test_etcdctl_comes_from_the_hosts_release(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN/control").write_text(
        "Package: etcd-client\nVersion: 3.4\nArchitecture: all\nMaintainer: a <a@example.com>\nDescription: a\n"
    )
    (package / "usr/bin").mkdir(parents=True)
    (package / "usr/bin/etcdctl").write_text("a program")
    archive = tmp_path / "etcd-client_3.4_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", package, archive], check=True, capture_output=True)
    assert fetch.etcdctl(tmp_path, tmp_path).read_text() == "a program"


def test_a_missing_etcdctl_is_reported_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ProductError, match=r"no \.deb of etcd-client; run python3 -m lab\.hosts build$"):
        fetch.etcdctl(tmp_path, tmp_path / "debs")


def test_staged_trees_have_fixed_times(tmp_path: Path) -> None:
    etcdctl = tmp_path / "etcdctl"
    etcdctl.write_text("#!/bin/sh\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    stage.product(tree, "1.2.3", "guide", etcdctl)
    stage.normalize(tree)
    assert {path.lstat().st_mtime for path in tree.rglob("*")} == {float(stage.EPOCH)}
    assert os.access(tree / "usr/illumon/1.2.3/install/dbacl_init.sh", os.X_OK)
    assert "DH_BUILD=1.2.3\n" in (tree / "usr/illumon/1.2.3/etc/vocabulary.env").read_text()


def test_the_second_vocabulary_shares_no_name_with_the_first() -> None:
    first, second = VOCABULARIES
    assert first["etcd_unit"] != second["etcd_unit"]
    assert not set(first["roles"]) & set(second["roles"])
    for table in ("archives", "services"):
        assert first[table].keys() == second[table].keys()
    assert not set(first["archives"].values()) & set(second["archives"].values())
    assert not set(first["endpoints"]["flags"].values()) & set(second["endpoints"]["flags"].values())
    for field in ("name", "port"):
        assert not {s[field] for s in first["services"].values()} & {s[field] for s in second["services"].values()}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_no_two_services_of_a_vocabulary_share_a_name_or_port(
    vocabulary: dict[str, dict[str, dict[str, object]]],
) -> None:
    for field in ("name", "port", "log"):
        assert len({service[field] for service in vocabulary["services"].values()}) == len(vocabulary["services"])


def test_a_fault_applies_to_its_script_only_and_counts_down() -> None:
    lines = ["a.sh word 1", "b.sh secret 2 the marker"]
    assert faults.take(lines, "c.sh") == ("", lines)
    fault, rest = faults.take(lines, "b.sh")
    assert (fault, rest) == ("secret the marker", ["a.sh word 1", "b.sh secret 1 the marker"])
    assert faults.take(rest, "b.sh")[1] == ["a.sh word 1"]


def test_an_unknown_kind_of_fault_is_refused() -> None:
    with pytest.raises(SystemExit, match="unknown kind explode"):
        faults.take(["a.sh explode 1"], "a.sh")


@pytest.mark.parametrize("token", ["cc7e54d790", "1234567890", "12345e6789"])
def test_a_token_of_digits_stays_a_string_in_etcds_configuration(token: str) -> None:
    variables = f"ETCD_HOME=/etc/etcd/dh; servers=(10.0.0.1 10.0.0.2); max_procs=1; token={token}"
    library = shlex.quote(str(stage.FILES / "lib/etcd.sh"))
    result = subprocess.run(
        ["bash", "-euc", f". {library}; {variables}; member_config 2"], capture_output=True, text=True, check=True
    )
    config = yaml.safe_load(result.stdout)
    assert config["initial-cluster-token"] == token
    assert f'initial-cluster-token: "{token}"' in result.stdout  # etcd parses more forms as numbers than PyYAML
    assert config["initial-cluster"] == "etcd-1=https://10.0.0.1:2380,etcd-2=https://10.0.0.2:2380"
    assert config["name"] == "etcd-2"

"""Files that a stack names: only regular ones are read, and each failure is one line with the key path."""

import errno
import hashlib
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from components.cluster import DeephavenClusterArgs, prepare
from components.config.project_file import ProjectFile
from components.config_server.routing import load_routing
from components.errors import DeploymentError
from components.tls.load import load_certificate
from tests.support.certificates import NOW
from tests.unit.config.cases import changed
from tests.unit.conftest import make_spec

MIB = 2**20


def named(path: Path) -> ProjectFile:
    return ProjectFile(where="deephaven:cluster.x.file", name="the/name", path=path, expected="the thing")


def _link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # an absolute path may be too long for a socket


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _nothing(_path: Path) -> None:
    """Create no file."""


Create = Callable[[Path], object]
WRONG: Mapping[str, tuple[Create, str]] = {
    "missing": (_nothing, "No such file or directory; put {expected} there"),
    "directory": (Path.mkdir, "it is a directory; name a regular file"),
    "named pipe": (os.mkfifo, "it is a named pipe; name a regular file"),
    "device": (_device, "it is a device; name a regular file"),
    "socket": (_socket, "it is a socket or a device; name a regular file"),
    "dangling link": (_link_to_nothing, "it is a link to a file that does not exist; correct the link"),
    "loop of links": (_loop, "Too many levels of symbolic links; make it a file that this account can read"),
}
READS: Mapping[str, Callable[[ProjectFile], object]] = {
    "text": ProjectFile.text,
    "sha256": ProjectFile.sha256,
    "exists": ProjectFile.exists,
}


def refused(call: Callable[[], object]) -> str:
    """Return the single line of the error that a call raises."""
    with pytest.raises(DeploymentError) as refusal:
        call()
    (line,) = refusal.value.findings
    return line


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_is_not_regular_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, read: str
) -> None:
    monkeypatch.chdir(tmp_path)
    create, message = WRONG[kind]
    create(tmp_path / "file")
    file = named(tmp_path / "file")
    if (kind, read) == ("missing", "exists"):
        assert file.exists() is False
    else:
        message = message.format(expected="the thing")
        assert refused(lambda: READS[read](file)) == f"deephaven:cluster.x.file: cannot read the/name: {message}"


def test_no_file_stays_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    named(tmp_path / "file").text()
    refused(named(tmp_path).text)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("through", ["itself", "a link"])
def test_a_regular_file_is_read(tmp_path: Path, through: str) -> None:
    path = tmp_path / "file"
    path.write_bytes("a\r\nü\n".encode())
    if through == "a link":
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"
    file = named(path)
    assert file.text() == "a\r\nü\n"
    assert file.sha256() == hashlib.sha256("a\r\nü\n".encode()).hexdigest()
    assert file.exists() is True


def test_text_has_a_limit_and_the_digest_has_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * MIB)
    assert len(named(path).text()) == MIB
    path.write_bytes(b"x" * (MIB + 1))
    line = "deephaven:cluster.x.file: cannot read the/name: it is larger than 1 MiB; name a file of at most 1 MiB"
    assert refused(named(path).text) == line
    assert named(path).sha256() == hashlib.sha256(b"x" * (MIB + 1)).hexdigest()


def test_text_is_utf_8(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"M\xfcller")
    message = "deephaven:cluster.x.file: cannot read the/name: it is not UTF-8 text; save it as UTF-8"
    assert refused(named(tmp_path / "file").text) == message
    assert len(named(tmp_path / "file").sha256()) == 64


@pytest.mark.parametrize("read", READS)
def test_a_file_that_may_not_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str) -> None:
    def fail(*_: object) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(os, "open", fail)
    message = "Permission denied; make it a file that this account can read"
    line = refused(lambda: READS[read](named(tmp_path / "file")))
    assert line == f"deephaven:cluster.x.file: cannot read the/name: {message}"


@pytest.mark.parametrize("read", ["text", "sha256"])
def test_a_file_that_breaks_while_it_is_read_is_refused(read: str) -> None:
    message = "Input/output error; make it a file that this account can read"
    line = refused(lambda: READS[read](named(Path("/proc/self/mem"))))
    assert line == f"deephaven:cluster.x.file: cannot read the/name: {message}"


@pytest.mark.parametrize("kind", WRONG)
def test_the_rpm_is_a_regular_file(
    raw: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    create, message = WRONG[kind]
    create(tmp_path / "a.rpm")
    stack = changed(raw, {"release": {"rpm": {"file": "a.rpm"}}})
    message = message.format(expected="the vendor's RPM")
    line = refused(lambda: prepare(DeephavenClusterArgs(config=stack, project_dir=tmp_path)))
    assert line == f"deephaven:cluster.release.rpm.file: cannot read a.rpm: {message}"


def test_an_rpm_outside_the_project_must_be_a_regular_file_too(raw: dict[str, Any], tmp_path: Path) -> None:
    upwards = "../" * (len(tmp_path.parts) - 1) + "dev/zero"
    stack = changed(raw, {"release": {"rpm": {"file": upwards}}})
    line = refused(lambda: prepare(DeephavenClusterArgs(config=stack, project_dir=tmp_path)))
    assert line.endswith(f"cannot read {upwards}: it is a device; name a regular file")


@pytest.mark.parametrize("part", ["crt", "key", "root"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_certificates_files_are_regular(
    raw: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    create, message = WRONG[kind]
    create(tmp_path / "a.pem")
    certificate = {"kind": "provided", "crt": "x", "key": "x", part: {"file": "a.pem"}}
    spec = make_spec({**raw, "certificate": certificate})
    message = message.format(expected="the PEM file")
    line = refused(lambda: load_certificate(spec.cluster, project=tmp_path, now=NOW))
    assert line == f"deephaven:cluster.certificate.{part}.file: cannot read a.pem: {message}"


def routed(raw: dict[str, Any], project: Path) -> str | None:
    return load_routing(make_spec({**raw, "routing": {"file": "routing.yaml"}}).cluster, project=project)


@pytest.mark.parametrize("kind", WRONG)
def test_the_routing_document_is_a_regular_file(
    raw: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    create, message = WRONG[kind]
    create(tmp_path / "routing.yaml")
    message = message.format(expected="the routing document")
    line = refused(lambda: routed(raw, tmp_path))
    assert line == f"deephaven:cluster.routing.file: cannot read routing.yaml: {message}"


ROUTING = "config:\n  dataImportServers:\n    db_dis:\n      host: h1.lab.internal\n"
TEXTS: Mapping[str, tuple[bytes, str]] = {
    "too large": (
        b"# " + b"x" * MIB,
        "cannot read routing.yaml: it is larger than 1 MiB; name a file of at most 1 MiB",
    ),
    "not UTF-8": (b"# \xfc", "cannot read routing.yaml: it is not UTF-8 text; save it as UTF-8"),
    "nested without end": (b"[" * 500, "routing.yaml: invalid YAML (it cannot be read); fix it"),
    "an impossible date": (b"a: 2024-13-45", "routing.yaml: invalid YAML (it cannot be read); fix it"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_routing_document_that_is_not_text_is_refused(raw: dict[str, Any], tmp_path: Path, case: str) -> None:
    content, message = TEXTS[case]
    (tmp_path / "routing.yaml").write_bytes(content)
    assert refused(lambda: routed(raw, tmp_path)) == f"deephaven:cluster.routing.file: {message}"


def test_a_routing_documents_host_is_a_name(raw: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "routing.yaml").write_text(f"{ROUTING}    other: {{host: [h1.lab.internal]}}\n")
    message = "config.dataImportServers.other.host is ['h1.lab.internal'], which lacks the role dis; use one of"
    assert refused(lambda: routed(raw, tmp_path)).startswith(f"deephaven:cluster.routing.file: routing.yaml: {message}")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_a_routing_document_gets_unix_line_ends(raw: dict[str, Any], tmp_path: Path, end: str) -> None:
    (tmp_path / "routing.yaml").write_bytes(ROUTING.replace("\n", end).encode())
    assert routed(raw, tmp_path) == ROUTING

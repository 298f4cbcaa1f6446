"""String values of a stack file: none can end a line, a quoted word or a list of options."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.config.loader import load_config
from components.config.schema import schema
from components.errors import ConfigurationError
from tests.unit.config.cases import changed

DIGEST = "0" * 64
PEM = {"kind": "provided", "crt": {"file": "tls.crt"}, "key": {"file": "tls.key"}, "root": {"file": "root.crt"}}
EXTERNAL = {"host": "db.example.com", "user": "root", "password": "word"}
MOUNT = {"source": "nas:/export", "path": "/db/Systems", "type": "nfs", "options": "rw"}
# Each string with an accepted value, and the other keys of its mapping.
TEXTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "ssh.user": ("centos", {}),
    "ssh.known_hosts": ("keys/known_hosts", {}),
    "ssh.bastion.host": ("gate.example.com", {}),
    "ssh.bastion.user": ("ops", {"host": "gate"}),
    "hosts.infra.fqdn": ("h1.lab.internal", {}),
    "hosts.infra.ip": ("10.77.0.11", {}),
    "hosts.infra.ssh.address": ("10.0.0.1", {}),
    "hosts.infra.ssh.user": ("centos", {}),
    "release.version": ("1.20200121", {}),
    "release.build": ("008", {}),
    "release.rpm.file": ("lab/product.rpm", {}),
    "release.rpm.package": ("illumon-db", {"file": None}),
    "release.rpm.url": ("https://example.com/a.rpm", {"file": None, "sha256": DIGEST}),
    "release.rpm.sha256": (DIGEST, {"file": None, "url": "https://example.com/a.rpm"}),
    "routing.file": ("routing.yaml", {}),
    **{f"mounts.0.{key}": (str(value), MOUNT) for key, value in MOUNT.items()},
    "services.acl_database.host": ("db.example.com", EXTERNAL),
    "services.acl_database.user": ("root", EXTERNAL),
    "certificate.organization": ("Example", {"kind": "private-ca"}),
}
UNSAFE = ("\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "'", '"', "\\", "`", "$")


def with_text(raw: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a configuration in which one string is set, with the other keys that its mapping needs."""
    *parents, name = path.split(".")
    around = {key: given for key, given in TEXTS[path][1].items() if given is not None}
    if path.startswith("mounts"):
        return {**raw, "mounts": [{**around, name: value}]}
    if path.startswith("certificate"):
        return {**raw, "certificate": {**around, name: value}}
    change: dict[str, Any] = {**TEXTS[path][1], name: value}
    for parent in reversed(parents):
        change = {parent: change}
    return changed(raw, change)


@pytest.mark.parametrize("path", TEXTS)
def test_the_base_value_of_the_bad_ones_is_accepted(raw: dict[str, Any], path: str) -> None:
    load_config(with_text(raw, path, TEXTS[path][0]))


@pytest.mark.parametrize("path", TEXTS)
def test_an_unsafe_character_is_refused_inside_and_at_the_end(raw: dict[str, Any], path: str) -> None:
    good = TEXTS[path][0]
    for character in UNSAFE:
        if (path, character) == ("certificate.organization", "'"):
            continue
        for text in (f"{good[:-1]}{character}{good[-1]}", f"{good}{character}"):
            with pytest.raises(ConfigurationError) as refusal:
                load_config(with_text(raw, path, text))
            (line,) = refusal.value.findings
            assert line.startswith(f"deephaven:cluster.{path}: ")
            assert line.isprintable()


@pytest.mark.parametrize("path", TEXTS)
def test_a_value_that_looks_like_an_option_is_refused(raw: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_config(with_text(raw, path, f"-{TEXTS[path][0]}"))
    assert [line.split(": ")[0] for line in refusal.value.findings] == [f"deephaven:cluster.{path}"]


@pytest.mark.parametrize("part", ["crt", "key", "root"])
@pytest.mark.parametrize("name", ["a'b", "a\nb", "-a", "$a", "/a", "~/a", "a b"])
def test_the_path_of_a_pem_file_is_as_restricted_as_others(raw: dict[str, Any], part: str, name: str) -> None:
    load_config({**raw, "certificate": PEM})
    with pytest.raises(ConfigurationError) as refusal:
        load_config({**raw, "certificate": {**PEM, part: {"file": name}}})
    assert [line.split(": ")[0] for line in refusal.value.findings] == [f"deephaven:cluster.certificate.{part}"]


GOOD = [
    ("hosts.infra.ssh.address", "::1"),
    ("hosts.infra.ssh.address", "fe80::1"),
    ("hosts.infra.ssh.address", "::ffff:10.0.0.1"),
    ("hosts.infra.ssh.address", "H_1"),
    ("ssh.bastion.host", "2001:db8::2"),
    ("ssh.bastion.host", "10.0.0.1"),
    ("ssh.known_hosts", "~/.ssh/known_hosts"),
    ("ssh.known_hosts", "/home/me/My Keys/known_hosts"),
    ("release.rpm.file", "../rpms/illumon-db-1.20200121.008-1-1.rpm"),
    ("release.rpm.file", "rpms/a+b~1,c@d%e=f:g.rpm"),
    ("release.rpm.url", "http://[2001:db8::2]:8080/a/b.rpm?x=1&y=%20(2)#z"),
    ("mounts.0.source", "UUID=0a1b-2c3d"),
    ("mounts.0.source", "[fe80::1]:/export/a-b"),
    ("mounts.0.source", "//server/share"),
    ("mounts.0.options", "rw,vers=4.1,x-systemd.automount,uid=9001"),
    ("mounts.0.type", "fuse.sshfs"),
    ("mounts.0.path", "/db/.hidden/..a/b-c_d"),
    ("services.acl_database.user", "svc.deep-haven_1"),
    ("certificate.organization", "Müller & Söhne (株), Inc."),
    ("certificate.organization", "Example's"),
]


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_usual_value_is_accepted(raw: dict[str, Any], path: str, text: str) -> None:
    load_config(with_text(raw, path, text))


BAD = [
    ("hosts.infra.ssh.address", ":"),
    ("hosts.infra.ssh.address", "[::1]"),
    ("hosts.infra.ssh.address", "fe80::1%eth0"),
    ("hosts.infra.ssh.address", "a:22"),
    ("hosts.infra.ssh.address", "user@host"),
    ("hosts.infra.ssh.address", "a b"),
    ("hosts.infra.ssh.address", "a*"),
    ("hosts.infra.ssh.address", "a," + "b"),
    ("hosts.infra.ssh.address", "a" * 254),
    ("hosts.infra.ip", "fe80::1%eth0"),
    ("ssh.bastion.host", "10.0.0.256"),
    ("release.version", "1\u0661.20200121"),
    ("release.build", "\u0660\u0660\u0668"),
    ("release.rpm.url", "https://me@example.com/a.rpm"),
    ("release.rpm.url", "https://example.com/a[1-9].rpm"),
    ("release.rpm.url", "https://example.com/{a,b}.rpm"),
    ("release.rpm.url", "file:///etc/passwd"),
    ("release.rpm.file", "a//b.rpm"),
    ("release.rpm.file", "a/-b.rpm"),
    ("mounts.0.path", "/db/.."),
    ("mounts.0.path", "/db/../etc"),
    ("mounts.0.path", "/db/./a"),
    ("mounts.0.path", "/db/"),
    ("mounts.0.path", "/"),
    ("mounts.0.source", "a;b"),
    ("mounts.0.source", "#a"),
    ("mounts.0.options", "rw, hard"),
]


@pytest.mark.parametrize(("path", "text"), BAD)
def test_a_malformed_value_is_refused(raw: dict[str, Any], path: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_config(with_text(raw, path, text))
    assert [line.split(": ")[0] for line in refusal.value.findings] == [f"deephaven:cluster.{path}"]


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028"], ids=repr)
def test_a_password_has_one_line_and_is_never_shown(raw: dict[str, Any], character: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_config({**raw, "services": {"acl_database": {**EXTERNAL, "password": f"MARK{character}ER"}}})
    (line,) = refusal.value.findings
    assert line == (
        "deephaven:cluster.services.acl_database.password: invalid value (a string); set it with pulumi config set"
        " --secret --path deephaven:cluster.services.acl_database.password, on one line without control characters"
    )


def test_a_password_may_contain_any_printable_character(raw: dict[str, Any]) -> None:
    load_config({**raw, "services": {"acl_database": {**EXTERNAL, "password": "'\"\\`$ -ü#"}}})


# PEM text and the password have their own checks, `secure` is the engine's encrypted form, and a reason is only shown.
WITHOUT_PATTERN = {
    *(("Provided", key) for key in ("crt", "key", "root", "secure")),
    *(("ExternalDatabase", key) for key in ("password", "secure")),
}


def texts(where: tuple[str, str], part: object) -> Iterator[tuple[str, str]]:
    """Yield the model and key of each unrestricted string; `where` is the place of this part of the schema."""
    match part:
        case {"type": "string", **rest} if not rest.keys() & {"pattern", "enum", "const", "format"}:
            yield where
        case {"properties": Mapping() as properties, **rest}:
            for key, inner in properties.items():
                yield from texts((where[0], key), inner)
            yield from texts(where, rest)
        case Mapping():
            for inner in part.values():
                yield from texts(where, inner)
        case list():
            for inner in part:
                yield from texts(where, inner)


def test_every_other_string_of_the_stack_file_has_a_pattern() -> None:
    everything = schema()
    models = {**everything["$defs"], "": everything["properties"]}
    unrestricted = {item for name, model in models.items() for item in texts((name, ""), model)}
    assert {item for item in unrestricted if item[1] != "reason"} == WITHOUT_PATTERN

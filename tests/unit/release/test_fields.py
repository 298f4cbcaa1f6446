"""String values of a release profile: everything that reaches scripts, SQL and file names is safe there."""

from typing import Any

import pytest

from components.errors import ProfileError
from components.release.profile import load_profile

VERSION = "1.20200121"
WHERE = "deephaven:cluster.release.overrides"
CONTROL = ("\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028")
UNSAFE = (*CONTROL, "'", '"', "\\", "`", "$", ";", "|", "*", "\u0661")

# Each string by its path, with an accepted value; a number is the position in a list.
TEXTS = {
    "product.package": "illumon-db",
    "product.release": "{release.full}-1",
    "product.java": "1.8.0",
    "connector.0": "/usr/share/java/a.jar",
    "units.etcd": "dh-etcd@1",
    "monit.control": "/etc/monitrc",
    "monit.include": "/etc/monit.d/",
    "paths.etcd_data": "/var/lib/etcd/dh",
    "archives.etcd": "/db/TempFiles/a-b_c.tgz",
    "archives.auth": "/db/.hidden/a.tgz",
    "archives.owner": "dh-admin",
    "certificate.crt": "/etc/a/tls.crt",
    "certificate.mode": "0400",
    "certificate.owner": "irisadmin:irisadmin",
    "etcd_files.config": "config.yaml",
    "endpoints_report": "wrote (prop file): a/b,",
    "roles.infra": "classic-infra",
    "services.auth": "auth_server",
    "acl.database": "dbacl_iris",
    "acl.account": "_iris1",
    "acl.owner": "irisadmin",
    "acl.sql.0": "/etc/{release.full}/sql/init-{release.full}.sql",
    "routing.file": "/etc/a/routing.yml",
    "web.path": "/",
    "accounts.home": "/db/TempFiles",
}


def over(path: str, value: object) -> dict[str, Any]:
    """Return overrides that set one string; a list is replaced as a whole."""
    *parents, name = path.split(".")
    change: Any = [value] if name.isdigit() else {name: value}
    for parent in reversed(parents):
        change = {parent: change}
    assert isinstance(change, dict)
    return change


def refused(overrides: dict[str, Any]) -> list[str]:
    """Return the findings about overrides."""
    with pytest.raises(ProfileError) as refusal:
        load_profile(VERSION, overrides)
    return list(refusal.value.findings)


@pytest.mark.parametrize("path", TEXTS)
def test_the_base_value_of_the_bad_ones_is_accepted(path: str) -> None:
    load_profile(VERSION, over(path, TEXTS[path]))


@pytest.mark.parametrize("path", TEXTS)
@pytest.mark.parametrize("character", UNSAFE, ids=repr)
@pytest.mark.parametrize("place", ["inside", "at the end"])
def test_an_unsafe_character_is_refused(path: str, character: str, place: str) -> None:
    good = TEXTS[path]
    text = f"{good[:-1]}{character}{good[-1]}" if place == "inside" else f"{good}{character}"
    (line,) = refused(over(path, text))
    assert line.startswith(f"{WHERE}.{path}: ")
    assert line.isprintable()


@pytest.mark.parametrize("path", TEXTS)
def test_a_value_that_looks_like_an_option_is_refused(path: str) -> None:
    assert [line.split(": ")[0] for line in refused(over(path, f"-{TEXTS[path]}"))] == [f"{WHERE}.{path}"]


@pytest.mark.parametrize("path", [path for path, text in TEXTS.items() if text.startswith("/") and path != "web.path"])
def test_a_path_has_no_space_and_no_parent_directory(path: str) -> None:
    for text in ("/a b", "/a/../b", "/..", "/a/./b", "/a//b", "a/b", "", "/a/{release.version}"):
        assert [line.split(": ")[0] for line in refused(over(path, text))] == [f"{WHERE}.{path}"], text


@pytest.mark.parametrize("path", ["archives.etcd", "paths.etcd_data", "connector.0"])
def test_only_paths_of_sql_files_may_contain_the_release(path: str) -> None:
    assert len(refused(over(path, "/a/{release.full}/b"))) == 1


@pytest.mark.parametrize("path", ["acl.database", "acl.account", "acl.owner"])
def test_names_in_sql_are_unquoted_identifiers(path: str) -> None:
    for text in ("a-b", "a.b", "1a", "a b", "a@b", "%", "", "a" * 33):
        assert len(refused(over(path, text))) == 1, text


COMMANDS = {
    "an argument": ["run", "{0}"],
    "an argument of each": ["run", {"each": "dis", "args": ["-x", "{0}"]}],
    "a separator of join": ["run", {"join": "dis.fqdn", "with": "{0}"}],
    "an unknown key": ["run", {"{0}": "x"}],
}


def filled(value: Any, text: str) -> Any:  # noqa: ANN401 - an argument of any shape
    """Return an argument with a string in the place of {0}."""
    match value:
        case str():
            return value.replace("{0}", text)
        case dict():
            return {filled(key, text): filled(inner, text) for key, inner in value.items()}
        case _:
            return [filled(inner, text) for inner in value]


@pytest.mark.parametrize("case", COMMANDS)
@pytest.mark.parametrize("character", CONTROL, ids=repr)
def test_a_command_is_on_one_line(case: str, character: str) -> None:
    command = filled(COMMANDS[case], f"a{character}b")
    (line,) = refused({"scripts": {"routing": {"command": command}}})
    assert line.startswith(f"{WHERE}.scripts.routing.command.1: ")
    assert line.endswith("; write it on one line, without control characters")


@pytest.mark.parametrize("case", COMMANDS)
def test_a_command_may_contain_any_other_character(case: str) -> None:
    command = filled(COMMANDS[case], "show databases like '%_x'; \"$(y)\" \\ `z` ü -")
    assert load_profile(VERSION, {"scripts": {"routing": {"command": command}}}).scripts["routing"].command == command


@pytest.mark.parametrize("key", ["install", "downgrade", "install_file", "downgrade_file"])
def test_the_package_managers_arguments_are_on_one_line(key: str) -> None:
    good = ["yum", "install", "--setopt=a b", "'$x'"]
    assert getattr(load_profile(VERSION, {"systems": {"centos": {key: good}}}).systems["centos"], key) == good
    for character in CONTROL:
        (line,) = refused({"systems": {"centos": {key: ["yum", f"a{character}"]}}})
        assert line.startswith(f"{WHERE}.systems.centos.{key}.1: ")


def test_the_archives_have_an_owner() -> None:
    assert load_profile(VERSION, {}).archives.owner == "root"
    for text in ("Root", "0", "a:b", "a" * 33, ""):
        assert refused({"archives": {"owner": text}}) == [
            f"{WHERE}.archives.owner: invalid value {text!r}; write an account name, like irisadmin"
        ]

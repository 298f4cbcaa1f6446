"""Package sources of the hosts' release follow the machine's mirror, in both formats of apt."""

from pathlib import Path

import pytest

from lab.hosts import LabError, apt
from lab.hosts.apt import Source, derive, parse_deb822, parse_list

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LINES = f"""\
# deb cdrom:[Debian GNU/Linux 13.0.0 _Trixie_]/ trixie main

deb [arch=amd64 signed-by={KEYRING}] http://mirror.example/debian trixie main contrib  # the nearest
deb-src http://mirror.example/debian trixie main
deb http://mirror.example/debian trixie-updates main
deb\thttp://mirror.example/debian-security\ttrixie-security\tmain
deb http://mirror.example/debian trixie-backports main
"""
STANZAS = f"""\
# written by the installer
Types: deb deb-src
URIs: http://mirror.example/debian
  http://second.example/debian
suites: trixie trixie-updates trixie-backports
Components: main contrib
# a comment inside
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main
Enabled: yes

Enabled: no
Types: deb
URIs: http://mirror.example/debian
Suites: sid
Components: main
"""
DEBIAN = Source(("http://mirror.example/debian",), ("trixie",), ("main",))


def test_lines_become_sources_of_the_other_release() -> None:
    assert derive(parse_list(LINES, "sources.list"), "bookworm") == (
        f"Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\nSigned-By: {KEYRING}\n\n"
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-updates\nComponents: main\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n"
    )


def test_stanzas_become_sources_of_the_other_release() -> None:
    assert derive(parse_deb822(STANZAS, "debian.sources"), "bookworm") == (
        "Types: deb\nURIs: http://mirror.example/debian http://second.example/debian\n"
        f"Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: {KEYRING}\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n"
    )


def test_derived_sources_are_read_back_unchanged() -> None:
    once = derive(parse_deb822(STANZAS, "debian.sources"), "bookworm")
    assert derive(parse_deb822(once, "hosts.sources"), "bookworm") == once
    assert derive(parse_deb822(once, "hosts.sources"), "trixie") == once.replace("bookworm", "trixie")


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "stable", "oldstable"])
def test_each_name_of_a_release_is_recognized(suite: str) -> None:
    source = Source(("http://mirror.example/debian",), (suite, f"{suite}-security"), ("main",))
    assert "Suites: bookworm bookworm-security\n" in derive([source], "bookworm")


def test_a_duplicate_source_is_written_once() -> None:
    old = Source(DEBIAN.uris, ("bookworm",), DEBIAN.components)
    assert derive([old, DEBIAN], "bookworm").count("Types:") == 1
    both = Source(DEBIAN.uris, ("bookworm", "trixie"), DEBIAN.components)
    assert "Suites: bookworm\n" in derive([both], "bookworm")


def test_a_key_inside_a_stanza_is_kept_unchanged() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF debian-archive\n -----END PGP PUBLIC KEY BLOCK-----"
    text = f"Types: deb\nURIs: http://m.example/\nSuites: trixie\nComponents: main\nSigned-By:{key}\n"
    derived = derive(parse_deb822(text, "a.sources"), "bookworm")
    assert derived == text.replace("trixie", "bookworm").replace("Signed-By:", "Signed-By: ")


def test_only_options_that_make_apt_trust_a_source_are_kept() -> None:
    line = "deb [trusted=yes arch=amd64,i386 check-valid-until=no] http://m.example/debian trixie main"
    (source,) = parse_list(line, "a.list")
    assert source.options == {"Trusted": "yes", "Check-Valid-Until": "no"}


OTHERS = [
    pytest.param("deb [signed-by=/k/vendor.gpg] https://apt.example stable main", id="its own key"),
    pytest.param("deb https://apt.example trixie stable", id="no main"),
    pytest.param("deb https://apt.example trixie-vendor main", id="another suite"),
    pytest.param("deb https://apt.example ./", id="flat"),
    pytest.param("deb cdrom:[Debian GNU/Linux 13.0.0 _Trixie_ - amd64 DVD]/ trixie main", id="a disc"),
    pytest.param("deb-src https://apt.example trixie main", id="sources"),
]


@pytest.mark.parametrize("line", OTHERS)
def test_sources_of_other_vendors_are_left_out(line: str) -> None:
    assert derive([*parse_list(line, "a.list"), DEBIAN], "bookworm") == derive([DEBIAN], "bookworm")


@pytest.mark.parametrize("line", OTHERS[1:])
def test_sources_without_one_of_debian_are_refused(line: str) -> None:
    with pytest.raises(LabError, match=r"^/etc/apt: no source with the component main of bookworm, trixie or stable; "):
        derive(parse_list(line, "a.list"), "bookworm")


def test_a_mirror_with_its_own_key_is_accepted() -> None:
    line = "deb [signed-by=/k/company.gpg] http://m.example/debian trixie main"
    assert "Signed-By: /k/company.gpg\n" in derive(parse_list(line, "a.list"), "bookworm")


def test_updates_without_the_release_itself_are_refused() -> None:
    with pytest.raises(LabError, match="no source with the component main"):
        derive([Source(DEBIAN.uris, ("trixie-updates",), DEBIAN.components)], "bookworm")


@pytest.mark.parametrize(
    "line",
    ["deb", "deb http://m.example/debian", "rpm http://m.example a main", "deb [arch=amd64 http://m trixie main"],
)
def test_a_line_that_apt_would_refuse_is_named(line: str) -> None:
    with pytest.raises(LabError, match=r"^a\.list:2: not a package source: '.*'; correct or remove the line$"):
        parse_list(f"# first\n{line}\n", "a.list")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Types: deb\nURIs: http://m.example\n", "stanza 1: suites missing; "),
        ("Types: deb\nURIs:\nSuites: a\n", "stanza 1: uris missing; "),
        ("deb http://m.example trixie main\n", "stanza 1: types, uris, suites missing; "),
        ("Types deb\n", "stanza 1: not a field: 'Types deb'; write NAME: VALUE"),
        (" Types: deb\n", "stanza 1: not a field: 'Types: deb'; write NAME: VALUE"),
        (f"{STANZAS}\nTypes: deb\n", "stanza 4: uris, suites missing; "),
    ],
)
def test_a_stanza_that_apt_would_refuse_is_named(text: str, expected: str) -> None:
    with pytest.raises(LabError) as refused:
        parse_deb822(text, "a.sources")
    assert str(refused.value).startswith(f"a.sources: {expected}")


def test_only_files_that_apt_reads_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example trixie main\n")
    (folder / "b.list").write_text("deb http://two.example trixie main\n")
    (folder / "c.sources").write_text("Types: deb\nURIs: http://three.example\nSuites: trixie\nComponents: main\n")
    (folder / "d.list.disabled").write_text("not read")
    (folder / "e.list").mkdir()
    uris = [source.uris[0] for source in apt.machine_sources(tmp_path)]
    assert uris == ["http://one.example", "http://two.example", "http://three.example"]
    assert apt.machine_sources(tmp_path / "absent") == []


def test_sources_are_written_only_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "build/hosts.sources"
    monkeypatch.setattr(apt, "machine_sources", lambda: [DEBIAN])
    apt.write_sources(target)
    written = target.stat().st_mtime_ns
    assert target.read_text() == derive([DEBIAN], "bookworm")
    apt.write_sources(target)
    assert target.stat().st_mtime_ns == written
    monkeypatch.setattr(apt, "machine_sources", lambda: [Source(("http://x.example",), ("stable",), ("main",))])
    apt.write_sources(target)
    assert "x.example" in target.read_text()

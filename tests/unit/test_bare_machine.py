"""A bare machine gets only this machine's settings for package registries."""

from pathlib import Path

from tests.integration.bare_machine import apt_settings, copy, variables


def test_only_variables_of_registries_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "present.crt").touch()
    expected = {
        "https_proxy": "http://proxy.example",
        "NO_PROXY": "localhost",
        "PIP_INDEX_URL": "https://index.example/simple",
        "GOPROXY": "https://go.example,direct",
        "PIP_CERT": "/present.crt",
    }
    other = {"HOME": "/home/me", "GOFLAGS": "-x", "PIP_TARGET": "x", "SSL_CERT_FILE": "/absent.crt", "XGOPROXY": "x"}
    assert dict(variables({**expected, **other}, tmp_path)) == expected


def test_apt_settings_include_proxies_and_checks_but_no_hooks() -> None:
    expected = ['Acquire::http::Proxy "http://proxy.example";', 'Acquire::Check-Date "false";', 'Acquire::Retries "3";']
    other = ['Acquire::GzipIndexes "true";', 'DPkg::Post-Invoke:: "rm x";', 'Acquire::https::Proxy "open']
    assert apt_settings("\n".join([*expected, *other])) == expected


def test_an_existing_file_is_copied_and_replaces_a_link(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "root/etc/resolv.conf"
    copy(source, target)
    assert not target.exists()
    source.write_text("nameserver")
    target.symlink_to("/nonexistent/resolv.conf")
    copy(source, target)
    assert not target.is_symlink()
    assert target.read_text() == "nameserver"
    copy(tmp_path / "root", tmp_path / "again")
    assert (tmp_path / "again/etc/resolv.conf").read_text() == "nameserver"

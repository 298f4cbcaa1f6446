"""A bare machine gets the settings by which this machine reaches registries, and nothing else of it."""

from pathlib import Path

from tests.integration.bare_machine import apt_settings, copy, variables


def test_variables_of_registries_are_passed_on_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "there.crt").touch()
    wanted = {
        "https_proxy": "http://proxy.example",
        "NO_PROXY": "localhost",
        "PIP_INDEX_URL": "https://index.example/simple",
        "GOPROXY": "https://go.example,direct",
        "PIP_CERT": "/there.crt",
    }
    other = {"HOME": "/home/me", "GOFLAGS": "-x", "PIP_TARGET": "x", "SSL_CERT_FILE": "/absent.crt", "XGOPROXY": "x"}
    assert dict(variables({**wanted, **other}, tmp_path)) == wanted


def test_apt_passes_on_proxies_and_checks_and_no_hooks() -> None:
    wanted = ['Acquire::http::Proxy "http://proxy.example";', 'Acquire::Check-Date "false";', 'Acquire::Retries "3";']
    other = ['Acquire::GzipIndexes "true";', 'DPkg::Post-Invoke:: "rm x";', 'Acquire::https::Proxy "open']
    assert apt_settings("\n".join([*wanted, *other])) == wanted


def test_what_is_there_is_copied_and_replaces_a_link(tmp_path: Path) -> None:
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

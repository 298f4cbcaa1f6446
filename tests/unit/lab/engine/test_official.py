"""The official download: it is used if it works, and skipped otherwise."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine import official
from lab.engine.errors import EngineError

GOOD = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --version) version=$2; shift ;;
    --install-root) root=$2; shift ;;
  esac
  shift
done
mkdir -p "$root/bin" && echo "$version" > "$root/bin/pulumi"
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def spec(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Yield a directory and the URL at which it is served."""
    root = tmp_path / "served"
    root.mkdir()
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield root / "install.sh", f"http://127.0.0.1:{server.server_port}/install.sh"
        server.shutdown()
        thread.join()


def test_the_installer_gets_version_and_directory(spec: tuple[Path, str], tmp_path: Path) -> None:
    script, url = spec
    script.write_text(GOOD)
    official.install(tmp_path / "official", url)
    assert (tmp_path / "official/bin/pulumi").read_text() == "3.274.1\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("#!/bin/sh\necho the mirror is closed >&2; exit 1\n", "the mirror is closed"),
        ("#!/bin/sh\nexit 0\n", "the installer failed: no output"),
        ("<html>log in first</html>", "the answer is not an installer script"),
    ],
)
def test_an_installer_that_fails_is_skipped(spec: tuple[Path, str], tmp_path: Path, script: str, message: str) -> None:
    file, url = spec
    file.write_text(script)
    with pytest.raises(EngineError, match=message):
        official.install(tmp_path / "official", url)
    assert not (tmp_path / "official").exists()


def test_a_refused_download_is_skipped(spec: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="404"):
        official.install(tmp_path / "official", spec[1])


def test_a_failed_attempt_keeps_the_previous_one(spec: tuple[Path, str], tmp_path: Path) -> None:
    script, url = spec
    script.write_text(GOOD)
    official.install(tmp_path / "official", url)
    script.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(EngineError):
        official.install(tmp_path / "official", url)
    assert (tmp_path / "official/bin/pulumi").exists()

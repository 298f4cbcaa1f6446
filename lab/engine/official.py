"""Downloads Pulumi with its own installer, and gives up early if the download is refused or unreachable."""

import shutil
import subprocess
import urllib.request
from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.programs import VERSION

INSTALLER = "https://get.pulumi.com/"
ANSWER = 5
"""Seconds to wait for the installer script; short, because a machine may have no internet access."""
TIMEOUT = 600
"""Seconds for the installer's own download."""


def install(target: Path, url: str = INSTALLER) -> None:
    """Install the version of the SDK; an incomplete installation is not kept."""
    script = _script(url)
    work = target.with_name(f"{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    command = ["sh", "-s", "--", "--version", VERSION, "--install-root", str(work), "--no-edit-path"]
    try:
        result = subprocess.run(command, input=script, capture_output=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{url}: the installer took longer than {TIMEOUT} s") from error
    if result.returncode or not (work / "bin/pulumi").exists():
        raise EngineError(f"{url}: the installer failed: {_last_line(result.stderr or result.stdout)}")
    shutil.rmtree(target, ignore_errors=True)
    work.replace(target)


def _script(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER) as answer:  # noqa: S310 (a fixed https address)
            script: bytes = answer.read()
    except OSError as error:
        raise EngineError(f"{url}: Pulumi cannot be downloaded ({error})") from error
    if not script.startswith(b"#!"):
        raise EngineError(f"{url}: the answer is not an installer script")
    return script


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or ["no output"])[-1]

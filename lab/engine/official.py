"""Downloads Pulumi by its own installer, and gives up soon where that is refused or out of reach."""

import shutil
import subprocess
import urllib.request
from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.pieces import VERSION

INSTALLER = "https://get.pulumi.com/"
ANSWER = 5
"""Seconds to wait for the installer itself: a machine without a way out must not wait long."""
WHOLE = 600
"""Seconds for the installer's own download."""


def install(target: Path, url: str = INSTALLER) -> None:
    """Install the version of the SDK; a half installation is not kept."""
    script = _script(url)
    work = target.with_name(f"{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    command = ["sh", "-s", "--", "--version", VERSION, "--install-root", str(work), "--no-edit-path"]
    try:
        done = subprocess.run(command, input=script, capture_output=True, check=False, timeout=WHOLE)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{url}: the installer took longer than {WHOLE} s") from error
    if done.returncode or not (work / "bin/pulumi").exists():
        raise EngineError(f"{url}: the installer failed: {_last_line(done.stderr or done.stdout)}")
    shutil.rmtree(target, ignore_errors=True)
    work.replace(target)


def _script(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER) as answer:  # noqa: S310 (a fixed https address)
            script: bytes = answer.read()
    except OSError as error:
        raise EngineError(f"{url}: no download of Pulumi from here ({error})") from error
    if not script.startswith(b"#!"):
        raise EngineError(f"{url}: the answer is no installer script")
    return script


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]

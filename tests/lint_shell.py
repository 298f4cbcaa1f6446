"""Lint all shell of the repository, found by its name or its first line, at full severity."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def shell_files() -> list[str]:
    """Return every tracked file whose name or first line says that it is shell."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    return [name for name in tracked.decode().split("\0") if name and _is_shell(PROJECT / name)]


def _is_shell(file: Path) -> bool:
    if not file.is_file():
        return False
    if file.suffix == ".sh":
        return True
    with file.open("rb") as text:
        first = text.readline(200)
    shebang = first.startswith(b"#!") and any(shell in first for shell in (b"/sh", b"/bash", b"env bash", b"env sh"))
    return shebang or first.startswith(b"# shellcheck shell=")


if __name__ == "__main__":
    files = shell_files()
    print(f"shellcheck: {len(files)} files", flush=True)  # noqa: T201 - a command
    sys.exit(subprocess.run(["shellcheck", "--severity=style", *files], cwd=PROJECT, check=False).returncode)

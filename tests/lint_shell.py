"""Lint all shell of the repository, found by its name or its first line: constructs, line length, shfmt, shellcheck.

Steps run with bash 4.2, the oldest of the supported systems, and in strict mode; shellcheck knows neither.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MOST = 100  # characters in a line, except for a string that fills it
STRING = re.compile(r"""\s*(\w+=)?(["']).*\2( \\)?$""")
# In the scripts that run on hosts: what they must not contain, and what to write.
REFUSED = {
    r"\|\s*grep\s+-[a-zA-Z]*q": "with pipefail, grep -q can end the command before it; write grep ... >/dev/null",
    r"\b(local|declare|typeset)\s+-[a-zA-Z]*n": "bash 4.2 has no name references; pass values",
    r"\bwait\s+-n\b": "bash 4.2 has no wait -n; wait for a process id",
    r"\b(mapfile|readarray)\s+(-\w+\s+)*-d": "bash 4.2 has no mapfile -d; use read -d",
    r"\$\{[^}]*@[QEPAaUuLK]\}": "bash 4.2 has no transformations; use printf %q",
    r"\binherit_errexit\b|\bEPOCH(SECONDS|REALTIME)\b|\bSRANDOM\b": "bash 4.2 does not know it",
    r"\[\[?\s+-v\s": "bash 4.2 does not know it for array elements; use declare -p",
    r"\$\{\w+\[-\d": "bash 4.2 has no negative subscripts; compute the index",
}
SHFMT = Path(sys.prefix) / "bin/shfmt"


def shell_files() -> list[str]:
    """Return every tracked file whose name or first line says that it is shell."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    return [name for name in tracked.decode().split("\0") if name and _is_shell(PROJECT / name)]


def long_lines(name: str, text: str) -> Iterator[str]:
    """Yield FILE:LINE: problem; fix for each line that is too long."""
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > MOST and not STRING.fullmatch(line):
            yield f"{name}:{number}: has {len(line)} characters; break it at {MOST}"


def refused(name: str, text: str) -> Iterator[str]:
    """Yield FILE:LINE: construct; fix for each one that hosts do not support."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, fix in REFUSED.items():
            if not line.lstrip().startswith("#") and (match := re.search(pattern, line)):
                yield f"{name}:{number}: {match[0].strip()!r}; {fix}"


def _is_shell(file: Path) -> bool:
    if not file.is_file():
        return False
    if file.suffix == ".sh":
        return True
    with file.open("rb") as text:
        first = text.readline(200)
    shebang = first.startswith(b"#!") and any(shell in first for shell in (b"/sh", b"/bash", b"env bash", b"env sh"))
    return shebang or first.startswith(b"# shellcheck shell=")


def main() -> int:
    """Print all findings; return 1 if there are any."""
    files = shell_files()
    print(f"shell: {len(files)} files", flush=True)  # noqa: T201 - a command
    findings = [line for name in files for line in long_lines(name, (PROJECT / name).read_text())]
    scripts = [name for name in files if name.startswith("components/")]
    findings += [line for name in scripts for line in refused(name, (PROJECT / name).read_text())]
    sys.stderr.write("".join(f"{line}\n" for line in findings))
    formatted = subprocess.run([SHFMT, "-d", "-i", "2", "-ci", *files], cwd=PROJECT, check=False)
    checked = subprocess.run(["shellcheck", "--severity=style", *files], cwd=PROJECT, check=False)
    return int(bool(findings or formatted.returncode or checked.returncode))


if __name__ == "__main__":
    sys.exit(main())

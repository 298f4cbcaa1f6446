"""Takes a script's next fault from the fault file, which exists only in tests."""

import fcntl
import sys
from pathlib import Path

FILE = Path("/etc/illumon-faults")
KINDS = ("status", "word", "hang", "slow", "long", "long-status", "secret", "secret-status", "secret-word")


def take(lines: list[str], script: str) -> tuple[str, list[str]]:
    """Return the first fault for a script, and the remaining lines."""
    for number, line in enumerate(lines):
        name, kind, count, *text = line.split(None, 3)
        if name == script:
            if kind not in KINDS:
                raise SystemExit(f"{FILE}: unknown kind {kind}")
            rest = [" ".join([name, kind, str(int(count) - 1), *text])] if int(count) > 1 else []
            return " ".join([kind, *text]), lines[:number] + rest + lines[number + 1 :]
    return "", lines


def main(script: str) -> None:
    """Print the script's next fault, if any, and count it down."""
    with FILE.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        fault, rest = take([line for line in file.read().splitlines() if line.strip()], script)
        if fault:
            file.seek(0)
            file.truncate()
            file.write("".join(f"{line}\n" for line in rest))
            print(fault)


if __name__ == "__main__":
    main(sys.argv[1])

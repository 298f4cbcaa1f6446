"""The command line: builds the engine, or prints where it is."""

import argparse
import shlex
import sys

from lab.engine import build, check, find
from lab.engine.errors import EngineError
from lab.engine.paths import STATE


def main(arguments: list[str]) -> int:
    """Run one subcommand; a failure is reported in one line."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.engine", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build engine, language host and plugins, if out of date")
    commands.add_parser("find", help="print the directory for PATH; download or build the engine if it is missing")
    commands.add_parser("test", help="vet and test the Go sources: language host and plugins")
    commands.add_parser("environment", help="print shell lines that set up a shell for the engine, without a network")
    try:
        COMMANDS[parser.parse_args(arguments).command]()
    except EngineError as error:
        print(f"lab.engine: {error}", file=sys.stderr)
        return 1
    return 0


def _build() -> None:
    for line in build.build():
        print(f"engine: {line}")


def _find() -> None:
    engine = find.find(_report)
    _report(engine.described())
    print(engine.directory)


def _environment() -> None:
    engine = find.find(_report)
    STATE.mkdir(parents=True, exist_ok=True)
    for name, value in engine.environment(STATE).items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"export PATH={shlex.quote(str(engine.directory))}:$PATH")


def _test() -> None:
    for line in check.check():
        print(f"engine: {line}")


def _report(line: str) -> None:
    print(f"engine: {line}", file=sys.stderr)


COMMANDS = {"build": _build, "find": _find, "test": _test, "environment": _environment}

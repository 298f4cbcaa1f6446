"""Prints the plan of a stack without Pulumi: `python -m components plan STACK --format table|json|mermaid|dot`."""

import argparse
import sys
from pathlib import Path

from components.config.stack_file import load_stack
from components.errors import DeploymentError
from components.plan import plan, resolve
from components.plan_report import FORMATS

PROJECT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status; findings are printed one per line."""
    parser = argparse.ArgumentParser(prog="python -m components", description="Print what the program would do.")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("plan", help="print the steps of a stack in order, with the guide's numbers and hosts")
    show.add_argument("stack", help="the name of a stack in stacks/, like test")
    show.add_argument("--format", choices=list(FORMATS), default="table")
    options = parser.parse_args(arguments)
    try:
        config = load_stack(PROJECT / "stacks" / f"Pulumi.{options.stack}.yaml")
        sys.stdout.write(FORMATS[options.format](plan(resolve(config, project=PROJECT), digest="")))
    except DeploymentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run the product's command: ``python3 -m lab.product build``."""

import argparse
import sys

from lab.hosts import LabError
from lab.product.build import build
from lab.product.errors import ProductError


def main() -> None:
    """Build the RPMs; a failure is reported in one line."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.product")
    parser.add_argument("verb", choices=["build"], help="build the RPMs if any of their sources has changed")
    parser.parse_args()
    try:
        print(build())
    except (ProductError, LabError) as problem:
        sys.exit(f"lab.product: {problem}")


if __name__ == "__main__":
    main()

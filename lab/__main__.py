"""The lab's command: `python3 -m lab up|shell|down|build [STACK]`; it needs nothing but Python's own library."""

import argparse
import os
import sys
from functools import partial

from lab import stages
from lab.engine.errors import EngineError
from lab.engine.find import find
from lab.hosts import Lab, LabError
from lab.hosts.build import build as build_hosts
from lab.product.build import build as build_product
from lab.product.errors import ProductError
from lab.stack import Stack
from lab.stages import Stage


def main() -> int:
    """Run one verb; return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m lab", description="Deephaven clusters on lab hosts.")
    parser.add_argument("verb", choices=["build", "up", "shell", "down"])
    parser.add_argument("stack", nargs="?", default="test")
    parser.add_argument("--lab", default=os.environ.get("LAB") or "lab", help="the lab's name")
    arguments = parser.parse_args()
    verbs = {"build": prepare, "up": partial(up, arguments.stack), "shell": partial(shell, arguments.stack)}
    try:
        stages.machine()
        if arguments.verb == "down":
            Lab(arguments.lab).down()
        else:
            verbs[arguments.verb](arguments.lab)
    except (LabError, EngineError, ProductError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def prepare(_lab: str) -> None:
    """Bring everything that a lab needs and that does not run."""
    stages.run(
        [
            Stage("Debian packages", stages.debian_packages),
            Stage("Python environment", stages.virtual_environment),
            Stage("Pulumi engine", lambda: find().described()),
            Stage("base and packages of the hosts", lambda: " ".join(build_hosts())),
            Stage("stand-in for the product", build_product),
        ]
    )


def up(name: str, lab_name: str) -> None:
    """Deploy a stack on lab hosts and show where to look."""
    prepare(lab_name)
    lab = Lab(lab_name)
    stack = Stack(lab, name, engine=find())
    stages.run(
        [
            Stage(f"{stack.hosts} host(s)", lambda: lab.up(stack.hosts) or "running"),
            Stage(f"stack {name}", lambda: "made" if stack.init() else ""),
        ]
    )
    print(f"==> pulumi up of {name}", flush=True)
    if stack.pulumi("up", "--yes", "--skip-preview", check=False, capture_output=False).returncode:
        raise LabError(f"pulumi up did not end well; mend what it says, then: make up STACK={name}")
    show(lab, stack)


def show(lab: Lab, stack: Stack) -> None:
    """Say where the cluster is and how to look further."""
    outputs = stack.outputs()
    print(f"\nDeephaven {outputs['release']} runs: {outputs['url']}")
    for key, host in outputs["hosts"].items():
        print(f"\n{key} ({host['fqdn']})")
        print(lab.ssh(host["fqdn"].split(".")[0], "sudo monit -B summary").stdout.strip())
    print("\nLook further:  make shell     (pulumi, ssh and curl as the lab's operator)")
    print("Take it down:  make down")


def shell(name: str, lab_name: str) -> None:
    """Become a shell of the operator in which pulumi works as anywhere."""
    lab = Lab(lab_name)
    stack = Stack(lab, name, engine=find())
    words = lab.exec_argv([os.environ.get("SHELL", "/bin/bash")])
    os.execvpe(words[0], words, {**os.environ, **stack.env})  # noqa: S606 - the shell replaces this program


if __name__ == "__main__":
    sys.exit(main())

"""The lab's command: `python3 -m lab up|shell|down|build [STACK]`; it needs only Python's standard library."""

import argparse
import os
import sys
from collections.abc import Callable  # noqa: TC003 - the project annotates at run time
from functools import partial

from lab import stages
from lab.engine.errors import EngineError
from lab.engine.find import find
from lab.hosts import Lab, LabError
from lab.hosts.build import build as build_hosts
from lab.hosts.names import check_lab_name
from lab.product.build import build as build_product
from lab.product.errors import ProductError
from lab.stack import Stack, stack_file
from lab.stages import Stage


def main() -> int:
    """Run one verb; return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m lab", description="Deephaven clusters on lab hosts.")
    parser.add_argument("verb", choices=["build", "up", "shell", "down"])
    parser.add_argument("stack", nargs="?", default="test")
    parser.add_argument("--lab", default=os.environ.get("LAB") or "lab", help="the lab's name")
    arguments = parser.parse_args()
    verbs: dict[str, Callable[[str], None]] = {
        "build": prepare,
        "up": partial(up, arguments.stack),
        "shell": partial(shell, arguments.stack),
        "down": down,
    }
    try:
        stages.machine()
        verbs[arguments.verb](arguments.lab)
    except (LabError, EngineError, ProductError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def prepare(_lab: str) -> None:
    """Install and build everything that a lab needs before it starts."""
    stages.run(
        [
            Stage("Debian packages", stages.debian_packages),
            Stage("Python environment", stages.virtual_environment),
            Stage("Pulumi engine", lambda: find(stages.note).described()),
            Stage("base and packages of the hosts", lambda: " ".join(build_hosts())),
            Stage("fake product", build_product),
        ]
    )


def up(name: str, lab_name: str) -> None:
    """Deploy a stack on lab hosts and show its URL and state."""
    check_lab_name(lab_name)
    stack_file(name)
    prepare(lab_name)
    lab = Lab(lab_name)
    stack = Stack(lab, name, engine=find())
    stages.run(
        [
            Stage(f"{stack.hosts} host(s)", partial(start, lab, stack)),
            Stage("external resources", stack.provision_external),
            Stage(f"stack {name}", lambda: "created" if stack.init() else ""),
        ]
    )
    print(f"==> pulumi up of {name}", flush=True)
    arguments = ["up", "--yes", "--skip-preview", "--suppress-outputs"]
    if stack.pulumi(*arguments, check=False, capture_output=False, stdin=None).returncode:
        raise LabError(f"stack {name}: pulumi up failed; fix the errors above and run make up STACK={name}")
    show(lab, stack)


def down(lab_name: str) -> None:
    """Remove a lab, whether it is up or not."""
    Lab(lab_name).down()
    print(f"lab {lab_name} is down; lab/.build and .venv are kept for the next make up")


def start(lab: Lab, stack: Stack) -> str:
    """Create and start the missing hosts."""
    count = stack.hosts
    running = sum(host.state == "up" for host in lab.status()) if lab.state.exists() else 0
    lab.up(count, os_images=stack.os_images)
    return f"started {count - running}" if running < count else ""


def show(lab: Lab, stack: Stack) -> None:
    """Print the cluster's URL, the state of its services and the next commands."""
    outputs = stack.outputs()
    print(f"\nDeephaven {outputs['release']} runs: {outputs['url']}")
    for key, host in outputs["hosts"].items():
        print(f"\n{key} ({host['fqdn']})")
        print(lab.ssh(host["fqdn"].split(".")[0], "sudo monit -B summary").stdout.strip())
    arguments = " ".join(
        ["", *([f"STACK={stack.name}"] * (stack.name != "test")), *([f"LAB={lab.name}"] * (lab.name != "lab"))]
    )
    print(f"\nExplore:    make shell{arguments}     (pulumi, ssh and curl as the lab's operator)")
    print(f"Take down:  make down{arguments}")


def shell(name: str, lab_name: str) -> None:
    """Replace this process with a shell of the operator in which pulumi works as usual."""
    lab = Lab(lab_name)
    stack_file(name)
    if not lab.state.exists():
        raise LabError(f"lab {lab_name}: not up; run make up LAB={lab_name}")
    stack = Stack(lab, name, engine=find())
    argv = lab.exec_argv([os.environ.get("SHELL", "/bin/bash")])
    os.execvpe(argv[0], argv, {**os.environ, **stack.env})  # noqa: S606 - the shell replaces this program


if __name__ == "__main__":
    sys.exit(main())

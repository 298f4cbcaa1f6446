"""The command line of the lab: each verb is a method of `Lab`."""

import argparse
import os
import sys

from lab.hosts import machine
from lab.hosts.build import build
from lab.hosts.errors import LabError
from lab.hosts.lab import Lab
from lab.hosts.paths import OPENSUSE

_HOST_VERBS = ("start", "stop", "kill", "recreate", "freeze", "thaw", "partition", "heal")


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = parser().parse_args(argv)
    try:
        return _run(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python3 -m lab.hosts", description="Disposable hosts on one machine.")
    top.add_argument("--lab", help="name of the lab (default: the environment's LAB, else lab)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("build", help="build the base and the package repository, if out of date")
    up = verbs.add_parser("up", help="create and start hosts 1 to N")
    up.add_argument("count", type=int, metavar="N")
    up.add_argument("--opensuse", nargs="+", default=[], metavar="H", help="hosts with the OS image openSUSE")
    verbs.add_parser("down", help="remove the lab and all its hosts")
    verbs.add_parser("status", help="show the hosts")
    for verb in _HOST_VERBS:
        doc = (getattr(Lab, verb).__doc__ or "").splitlines()[0]
        verbs.add_parser(verb, help=doc).add_argument("hosts", nargs="*", metavar="H", help="h1 or 1; none: all")
    ssh = verbs.add_parser("ssh", help="log in to a host, or run a command there")
    ssh.add_argument("host", metavar="H")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("exec", help="run a program as the operator").add_argument("command", nargs=argparse.REMAINDER)
    for verb in ("snapshot", "restore"):
        verbs.add_parser(verb, help=(getattr(Lab, verb).__doc__ or "")).add_argument("name")
    return top


def _run(arguments: argparse.Namespace) -> int:
    verb = arguments.verb
    if verb == "build":
        machine.require()
        print(f"built: {', '.join(build()) or 'nothing, everything is up to date'}")
        return 0
    lab = Lab(arguments.lab)
    if verb in _HOST_VERBS:
        getattr(lab, verb)(*arguments.hosts)
    elif verb == "up":
        lab.up(arguments.count, os_images=dict.fromkeys(arguments.opensuse, OPENSUSE))
    elif verb in {"snapshot", "restore"}:
        getattr(lab, verb)(arguments.name)
    elif verb == "down":
        lab.down()
    elif verb == "status":
        _show(lab)
    else:
        _exec(lab, arguments)
    return 0


def _show(lab: Lab) -> None:
    for host in lab.status():
        print(f"{host.name:4} {host.fqdn:20} {host.address:12} {host.state}")


def _exec(lab: Lab, arguments: argparse.Namespace) -> None:
    """Replace this process with the operator's, so that the operator's process owns the terminal and gets signals."""
    command = list(arguments.command)
    if command[:1] == ["--"]:
        del command[0]
    if arguments.verb == "ssh":
        command = [*lab.ssh_argv(arguments.host), *command]
    if not command:
        raise LabError("exec: no program given; write exec -- PROGRAM ARGUMENT...")
    argv = lab.exec_argv(command)
    os.execvpe(argv[0], argv, {**os.environ, **lab.env})  # noqa: S606  # a shell would split the arguments

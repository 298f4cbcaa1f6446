"""The command: each verb is a method of the lab."""

import argparse
import os
import sys

from lab.hosts import machine
from lab.hosts.build import build
from lab.hosts.errors import LabError
from lab.hosts.lab import Lab
from lab.hosts.paths import OPENSUSE

_HOST_VERBS = ("start", "stop", "kill", "renew", "freeze", "thaw", "partition", "heal")


def main(words: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = parser().parse_args(words)
    try:
        return _act(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    top = argparse.ArgumentParser(prog="python3 -m lab.hosts", description="Disposable hosts on one machine.")
    top.add_argument("--lab", help="name of the lab (default: the environment's LAB, else lab)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("build", help="build the base and the package repository, if out of date")
    up = verbs.add_parser("up", help="make and start hosts 1 to N")
    up.add_argument("count", type=int, metavar="N")
    up.add_argument("--opensuse", nargs="+", default=[], metavar="H", help="hosts of openSUSE instead of CentOS")
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


def _act(arguments: argparse.Namespace) -> int:
    verb = arguments.verb
    if verb == "build":
        machine.require()
        print(f"built: {', '.join(build()) or 'nothing, all is up to date'}")
        return 0
    lab = Lab(arguments.lab)
    if verb in _HOST_VERBS:
        getattr(lab, verb)(*arguments.hosts)
    elif verb == "up":
        lab.up(arguments.count, dress=dict.fromkeys(arguments.opensuse, OPENSUSE))
    elif verb in {"snapshot", "restore"}:
        getattr(lab, verb)(arguments.name)
    elif verb == "down":
        lab.down()
    elif verb == "status":
        _show(lab)
    else:
        _become(lab, arguments)
    return 0


def _show(lab: Lab) -> None:
    for host in lab.status():
        print(f"{host.name:4} {host.fqdn:20} {host.address:12} {host.state}")


def _become(lab: Lab, arguments: argparse.Namespace) -> None:
    """Replace this process by the operator's, so that the terminal and signals are its own."""
    words = list(arguments.command)
    if words[:1] == ["--"]:
        del words[0]
    if arguments.verb == "ssh":
        words = [*lab.ssh_argv(arguments.host), *words]
    if not words:
        raise LabError("exec: no program given; write: exec -- PROGRAM ARGUMENT...")
    argv = lab.exec_argv(words)
    os.execvpe(argv[0], argv, {**os.environ, **lab.env})  # noqa: S606  # no shell is wanted

"""Writes iris-endpoints.prop from the arguments of set_iris_endpoints_prop.sh."""

import argparse
import socket
import sys

from . import vocabulary
from .kinds import KINDS

DATABASE = "acl_db"
REQUIRED = ("config", "auth", DATABASE, "query", "merge", "dis", "ltds", "controller", "web")


def parser() -> argparse.ArgumentParser:
    """Return the argument parser for the vocabulary's flags."""
    names = vocabulary.load()["endpoints"]
    top = argparse.ArgumentParser(prog="set_iris_endpoints_prop.sh", allow_abbrev=False)
    for kind, flag in names["flags"].items():
        if names["separator"]:
            top.add_argument(
                flag, dest=kind, type=lambda text: text.split(names["separator"]), default=[], metavar="FQDN,.."
            )
        else:
            top.add_argument(flag, dest=kind, nargs="+", action="extend", default=[], metavar="FQDN")
    return top


def check(arguments: dict[str, list[str]]) -> list[str]:
    """Return all problems with the arguments."""
    flags = vocabulary.load()["endpoints"]["flags"]
    problems = [f"{flags[kind]} is missing" for kind in REQUIRED if not arguments[kind]]
    for kind, hosts in arguments.items():
        if len(hosts) > 1 and not (kind in KINDS and KINDS[kind].many):
            problems.append(f"{flags[kind]} takes one host")
        problems += [f"{flags[kind]}: {host} is not an FQDN that resolves" for host in hosts if not resolves(host)]
    return problems


def resolves(host: str) -> bool:
    """Return whether a name has a domain and an address."""
    try:
        return "." in host and bool(socket.gethostbyname(host))
    except OSError:
        return False


def lines(arguments: dict[str, list[str]]) -> list[str]:
    """Return the lines of the file."""
    services = vocabulary.load()["services"]
    written = [
        "# Written by set_iris_endpoints_prop.sh; edits are lost at its next run.",
        f"MysqlDbAclProvider.host={arguments[DATABASE][0]}",
    ]
    for kind, service in services.items():
        if arguments[kind]:
            key = "hosts" if KINDS[kind].many else "host"
            written.append(f"{KINDS[kind].endpoint}.{key}={','.join(arguments[kind])}")
            written.append(f"{KINDS[kind].endpoint}.port={service['port']}")
    return written


def main() -> None:
    """Check the arguments and write the file."""
    arguments: dict[str, list[str]] = vars(parser().parse_args())
    arguments["acl"] = arguments["acl"] or arguments["auth"][:1]
    problems = check(arguments)
    if problems:
        sys.exit("\n".join(problems))
    path = (vocabulary.SITE / "resources").resolve() / "iris-endpoints.prop"
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines(arguments)) + "\n")
    new.rename(path)
    print(f"prop file: {path}")


if __name__ == "__main__":
    main()

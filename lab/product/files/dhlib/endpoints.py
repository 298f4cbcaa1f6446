"""Turns the arguments of set_iris_endpoints_prop.sh into iris-endpoints.prop."""

import argparse
import socket
import sys

from . import vocabulary
from .kinds import KINDS

DATABASE = "acl_db"
REQUIRED = ("config", "auth", DATABASE, "query", "merge", "dis", "ltds", "controller", "web")


def parser() -> argparse.ArgumentParser:
    """Build the argument parser from the vocabulary."""
    words = vocabulary.words()["endpoints"]
    made = argparse.ArgumentParser(prog="set_iris_endpoints_prop.sh", allow_abbrev=False)
    for kind, flag in words["flags"].items():
        if words["separator"]:
            made.add_argument(
                flag, dest=kind, type=lambda text: text.split(words["separator"]), default=[], metavar="FQDN,.."
            )
        else:
            made.add_argument(flag, dest=kind, nargs="+", action="extend", default=[], metavar="FQDN")
    return made


def check(given: dict[str, list[str]]) -> list[str]:
    """Say everything that is wrong with the arguments."""
    flags = vocabulary.words()["endpoints"]["flags"]
    wrong = [f"{flags[kind]} is missing" for kind in REQUIRED if not given[kind]]
    for kind, hosts in given.items():
        if len(hosts) > 1 and not (kind in KINDS and KINDS[kind].many):
            wrong.append(f"{flags[kind]} takes one host")
        wrong += [f"{flags[kind]}: {host} is not an FQDN that resolves" for host in hosts if not resolves(host)]
    return wrong


def resolves(host: str) -> bool:
    """Say whether a name has a domain and an address."""
    try:
        return "." in host and bool(socket.gethostbyname(host))
    except OSError:
        return False


def lines(given: dict[str, list[str]]) -> list[str]:
    """Give the lines of the file."""
    services = vocabulary.words()["services"]
    written = [
        "# Written by set_iris_endpoints_prop.sh; edits are lost at its next run.",
        f"MysqlDbAclProvider.host={given[DATABASE][0]}",
    ]
    for kind, service in services.items():
        if given[kind]:
            key = "hosts" if KINDS[kind].many else "host"
            written.append(f"{KINDS[kind].endpoint}.{key}={','.join(given[kind])}")
            written.append(f"{KINDS[kind].endpoint}.port={service['port']}")
    return written


def main() -> None:
    """Check the arguments and write the file."""
    given: dict[str, list[str]] = vars(parser().parse_args())
    given["acl"] = given["acl"] or given["auth"][:1]
    wrong = check(given)
    if wrong:
        sys.exit("\n".join(wrong))
    path = (vocabulary.SITE / "resources").resolve() / "iris-endpoints.prop"
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines(given)) + "\n")
    new.rename(path)
    print(f"prop file: {path}")


if __name__ == "__main__":
    main()

"""Fetches the two real parts of the RPMs: a jar from Maven Central, and etcdctl from the hosts' Debian release."""

import subprocess
from pathlib import Path

from lab.hosts.paths import DEBS
from lab.product.errors import ProductError

CONNECTOR = "mysql:mysql-connector-java:5.1.44"


def run(command: list[str], directory: Path) -> None:
    """Run a client; raise ProductError with the end of its output if it fails."""
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ProductError(f"{' '.join(command)}: {(result.stderr or result.stdout).strip()[-500:]}")


def connector(work: Path) -> Path:
    """Download the MySQL connector's jar."""
    copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={CONNECTOR}", f"-DoutputDirectory={work}"]
    run(copy, work)
    return work / "mysql-connector-java-5.1.44.jar"


def etcdctl(work: Path, fetched: Path = DEBS) -> Path:
    """Unpack etcd's command line client, a part of the product, from the packages downloaded for the hosts.

    The machine's own release may be newer than the hosts', and its programs would not start on them.
    """
    package = next(fetched.glob("etcd-client_*.deb"), None)
    if package is None:
        raise ProductError(f"{fetched}: no .deb of etcd-client; run python3 -m lab.hosts build")
    tree = work / "etcd-client"
    run(["dpkg-deb", "-x", str(package), str(tree)], work)
    return tree / "usr/bin/etcdctl"

"""Fetches the two real parts that the RPMs carry: from Maven Central, and from the packages of the hosts' release."""

import subprocess
from pathlib import Path

from lab.hosts.paths import DEBS
from lab.product.errors import ProductError

CONNECTOR = "mysql:mysql-connector-java:5.1.44"


def run(command: list[str], directory: Path) -> None:
    """Run a client; say its last words when it fails."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProductError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")


def connector(work: Path) -> Path:
    """Fetch the MySQL connector's jar."""
    copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={CONNECTOR}", f"-DoutputDirectory={work}"]
    run(copy, work)
    return work / "mysql-connector-java-5.1.44.jar"


def etcdctl(work: Path, fetched: Path = DEBS) -> Path:
    """Unpack etcd's command line client, which the product brings along, from what was fetched for the hosts.

    The machine's own release may be newer than the hosts', and its programs would not start there.
    """
    package = next(fetched.glob("etcd-client_*.deb"), None)
    if package is None:
        raise ProductError(f"{fetched}: no .deb of etcd-client; run python3 -m lab.hosts build")
    tree = work / "etcd-client"
    run(["dpkg-deb", "-x", str(package), str(tree)], work)
    return tree / "usr/bin/etcdctl"

"""Fetches the two real parts that the RPMs carry, with the machine's own package clients."""

import subprocess
from pathlib import Path

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


def etcdctl(work: Path) -> Path:
    """Fetch etcd's command line client, which the product brings along."""
    debs = work / "debs"
    debs.mkdir()
    run(["apt-get", "download", "-qq", "etcd-client"], debs)
    package = next(debs.glob("etcd-client_*.deb"))
    run(["dpkg-deb", "-x", str(package), str(debs / "tree")], debs)
    return debs / "tree/usr/bin/etcdctl"

"""Helpers of the tests of the product's RPM: updates that end with its installation, and a web server."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.hosts import Lab
from lab.hosts.names import OPERATOR_ADDRESS
from lab.hosts.process import wait_until
from lab.stages import PROJECT
from tests.support.cluster import Cluster

BUILDS = PROJECT / "lab/.build"
DECLARED = "illumon-db-1.20200121.008-1-1.rpm"
PATCH = "illumon-db-1.20200121.012-1-1.rpm"
INSTALLED = "illumon-db-1.20200121.008-1.x86_64"
UPLOAD = "/var/lib/deephaven-upload"  # on the hosts, owned by the ssh user
STAGING = "/var/lib/deephaven-install/staging"  # on the hosts, owned by root
# Resources that prepare the hosts and install the product, and their parents; Deephaven does not run yet.
PREPARED = [
    f"--target={urn}" for urn in ("**::deephaven", "**packages:Hosts**", "**packages:Product**", "**RandomPassword**")
]


def failed_output(cluster: Cluster, *arguments: str) -> str:
    """Run an update that must fail and return its output."""
    update = cluster.up(*arguments)
    assert update.status != 0, update.output
    assert "Traceback" not in update.output
    return update.output


def installed_product(cluster: Cluster, host: str = "h1") -> str:
    """Return the installed product of a host, or rpm's message that it is not installed."""
    return cluster.root("rpm -q illumon-db || true", host=host).strip()


def staged(cluster: Cluster, host: str = "h1") -> dict[str, str]:
    """Return the digests of the RPMs in a host's staging directory by their names; the upload directory is empty."""
    assert cluster.root(f"ls {UPLOAD}", host=host) == ""
    lines = cluster.root(f"cd {STAGING} && sha256sum *.rpm 2>/dev/null || true", host=host).splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


@contextmanager
def serving(lab: Lab, directory: Path) -> Iterator[Path]:
    """Serve a directory at ops.lab.internal port 8000 from the operator's network; yield the log of requests."""
    log = directory.parent / "requests"
    command = ["python3", "-m", "http.server", "--bind", OPERATOR_ADDRESS, "--directory", str(directory), "8000"]
    with log.open("w") as requests:
        server = lab.popen(command, stdout=subprocess.DEVNULL, stderr=requests)
    try:
        probe = ["curl", "--silent", "--fail", "--output", "/dev/null", f"http://{OPERATOR_ADDRESS}:8000/"]
        assert wait_until(lambda: lab.exec(probe, check=False).returncode == 0, 10)
        yield log
    finally:
        server.terminate()
        server.wait(10)

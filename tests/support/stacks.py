"""Stacks on labs of their own: on bare hosts, or installed already, from an image that one installation left."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from lab.engine.find import Engine
from lab.engine.paths import BIN
from lab.hosts import Image, Lab, LabError, machine
from lab.hosts.paths import BUILD
from lab.hosts.process import wait_until
from lab.hosts.stamp import Stamp
from lab.stack import Stack
from lab.stages import PROJECT
from tests.support.cluster import Cluster
from tests.support.edited import edited
from tests.unit.conftest import make_spec

IMAGES = BUILD / "images"
OK_SECONDS = 60  # from a start of the hosts until every service is OK
# What an installation depends on; the built things by what they were built of.
SOURCES = (
    *("__main__.py", "Pulumi.yaml", "components", "stacks", "requirements/runtime.txt", "tests/support/stacks.py"),
    *("lab/hosts", "lab/fixtures", "lab/product", "lab/stack.py", "lab/engine/plugins"),
    *("lab/.build/base.stamp", "lab/.build/packages.stamp"),
)


def bare(lab: Lab, stack: str) -> Cluster:
    """Start the bare hosts of a stack and make the stack."""
    made = _stack(lab, stack)
    lab.up(made.hosts, dress=made.dress)
    made.provision_external()
    made.init()
    return Cluster(made)


def deployed(lab: Lab, stack: str, directory: Path, change: Mapping[str, Any] | None = None) -> Cluster:
    """Return a stack with a change laid over it, installed and running, in a checkout of its own.

    The first one is deployed, and its hosts and its state become an image; all others begin from that. An image of
    other sources is made again. Its hosts have run and were shut down in order, as any host that is booted.
    """
    digest = sha256(json.dumps(change, sort_keys=True).encode()).hexdigest()[:8]
    image = Image(IMAGES / f"{stack}-{digest}")
    with machine.locked(image.directory.with_suffix(".lock")):
        stamp = Stamp(image.directory, [PROJECT / source for source in SOURCES])
        if not stamp.fits():
            stamp.remove()
            image.remove()
            first = edited(bare(lab, stack), directory / "first", change or {})
            lab.up(first.stack.hosts, dress=first.stack.dress)
            assert set(first.deploy().changes) == {"create"}
            lab.stop()
            lab.keep(image)
            stamp.write()
    lab.begin(image)
    made = _stack(lab, stack)
    made.init()
    cluster = edited(Cluster(made), directory / "installed", change or {})
    assert wait_until(lambda: services_ok(cluster, wake=True), OK_SECONDS), {
        host: cluster.services(host) for host in cluster.hosts()
    }
    return cluster


def services_ok(cluster: Cluster, *, wake: bool = False) -> bool:
    """Say whether on each host exactly the plan's services are OK; `wake` lets monit look at once."""
    spec = make_spec(cluster.configuration())
    try:
        return all(
            {name for name, status in cluster.services(host, wake=wake).items() if status == "OK"}
            == set(spec.services_of(spec.cluster.nodes[key]))
            for key, host in cluster.hosts().items()
        )
    except LabError:  # no login yet, or monit does not answer yet
        return False


def _stack(lab: Lab, name: str) -> Stack:
    return Stack(lab, name, engine=Engine(BIN, "build"))

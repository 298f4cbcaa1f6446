"""Stacks in their own labs: on bare hosts, or already installed, from an image of one installation."""

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
from tests.support.stack_file import edited_copy
from tests.unit.conftest import make_spec

IMAGES = BUILD / "images"
OK_SECONDS = 60  # from the start of the hosts until every service is OK
# The sources of an installation; built files are represented by their stamps.
SOURCES = (
    *("__main__.py", "Pulumi.yaml", "components", "stacks", "requirements/runtime.txt", "tests/support/stacks.py"),
    *("lab/hosts", "lab/fixtures", "lab/product", "lab/stack.py", "lab/engine/plugins"),
    *("lab/.build/base.stamp", "lab/.build/packages.stamp"),
)


def bare_stack(lab: Lab, name: str) -> Cluster:
    """Start the bare hosts of a stack and initialize the stack."""
    stack = _stack(lab, name)
    lab.up(stack.hosts, os_images=stack.os_images)
    stack.provision_external()
    stack.init()
    return Cluster(stack)


def installed_stack(lab: Lab, name: str, directory: Path, change: Mapping[str, Any] | None = None) -> Cluster:
    """Return a stack with a change merged into its configuration, installed and running, in a checkout of its own.

    The first call deploys the stack, shuts its hosts down, and keeps their disks and the state as an image, from which
    all further calls start. When the sources change, the image is created again.
    """
    digest = sha256(json.dumps(change, sort_keys=True).encode()).hexdigest()[:8]
    image = Image(IMAGES / f"{name}-{digest}")
    with machine.locked(image.directory.with_suffix(".lock")):
        stamp = Stamp(image.directory, [PROJECT / source for source in SOURCES])
        if not stamp.fits():
            stamp.remove()
            image.remove()
            first = edited_copy(bare_stack(lab, name), directory / "first", change or {})
            lab.up(first.stack.hosts, os_images=first.stack.os_images)
            assert set(first.deploy().changes) == {"create"}
            lab.stop()
            lab.keep(image)
            stamp.write()
    lab.begin(image)
    stack = _stack(lab, name)
    stack.init()
    cluster = edited_copy(Cluster(stack), directory / "installed", change or {})
    assert wait_until(lambda: services_ok(cluster, wake=True), OK_SECONDS), {
        host: cluster.services(host) for host in cluster.hosts()
    }
    return cluster


def services_ok(cluster: Cluster, *, wake: bool = False) -> bool:
    """Return whether exactly the plan's services are OK on each host; with `wake`, monit checks them at once."""
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

"""An update that is interrupted, by the operator or by the host's end, is carried on by the next one.

The tests follow one another on one host that begins bare.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts.process import wait_until
from tests.integration.deployment.test_killed_updates import Watch, kill_all
from tests.support.cluster import ONCE, QUIET, Cluster
from tests.support.stacks import services_ok

pytestmark = pytest.mark.lab
STEP_SECONDS = 60  # until a step has begun
END_SECONDS = 40  # until an update says that its host is gone; keep-alive probes are 15 s apart
BOOT_SECONDS = 90  # until monit has all services OK after a start of the host


class Running:
    """An update that runs; what it says is in a file."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output

    def press_ctrl_c(self) -> None:
        """Do what the terminal does at Ctrl-C: tell the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def said(self) -> str:
        """Return what it has said so far."""
        return self._output.read_text()

    def end(self, seconds: float) -> tuple[int, str]:
        """Wait for its end and return its status and what it said."""
        return self.process.wait(seconds), self.said()


@contextmanager
def update_in(cluster: Cluster, step: str, directory: Path, *, since_now: bool = False) -> Iterator[Running]:
    """Start an update as a terminal would, in a process group of its own, and wait until a step has begun."""
    output, watch = directory / "console", Watch(cluster, since_now=since_now)
    with output.open("w") as file:
        process = cluster.stack.popen("up", *QUIET, stdout=file, stderr=file, start_new_session=True)
    try:
        deadline = time.monotonic() + STEP_SECONDS
        while step not in watch.begun():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.001)
        assert step not in watch.ended(), f"{step} had ended before it could be interrupted"
        yield Running(process, output)
    finally:
        if process.poll() is None:
            kill_all(process)
            cluster.stack.pulumi("cancel", "--yes", check=False)


def slow(cluster: Cluster, script: str, seconds: int = 5) -> None:
    """Let a script of the vendor's take long at its next call, so that it still runs when it is interrupted."""
    cluster.root(f"echo '{script} slow 1 {seconds}' >/etc/illumon-faults")


def test_a_host_that_loses_its_power_while_packages_install(cluster: Cluster, tmp_path: Path) -> None:
    with update_in(cluster, "infra-packages", tmp_path) as running:
        cluster.lab.partition("h1")  # a host without power says no farewell to its connections
        cluster.lab.kill("h1")
        cluster.lab.start("h1")
        cluster.lab.heal("h1")
        status, said = running.end(END_SECONDS)
    cluster.lab.start("h1")
    assert status != 0
    assert "infra-packages" in said
    assert "Traceback" not in said


def test_a_host_that_loses_its_power_while_etcd_is_configured(cluster: Cluster, tmp_path: Path) -> None:
    slow(cluster, "config_generator.sh")
    with update_in(cluster, "infra-etcd-config", tmp_path) as running:
        cluster.lab.kill("h1")
        status, said = running.end(END_SECONDS)
    cluster.lab.start("h1")
    assert status != 0
    assert "infra-etcd-config" in said
    assert "Traceback" not in said


def test_a_second_update_says_that_the_first_one_runs(cluster: Cluster, tmp_path: Path) -> None:
    slow(cluster, "admin_init.sh", seconds=15)  # longer than the second update takes
    with update_in(cluster, "infra-etcd-admin", tmp_path) as running:
        second = cluster.up()
        assert second.status != 0
        assert "locked" in second.output
        assert running.process.poll() is None
        running.press_ctrl_c()
        status, said = running.end(END_SECONDS)
    assert status != 0
    assert "Traceback" not in said


def test_an_update_interrupted_at_the_terminal(cluster: Cluster, tmp_path: Path) -> None:
    slow(cluster, "iris_keygen.sh")
    with update_in(cluster, "infra-keygen", tmp_path) as running:
        running.press_ctrl_c()
        status, said = running.end(END_SECONDS)
    assert status != 0
    assert "Traceback" not in said


def test_an_update_ended_at_once_by_pressing_it_twice(cluster: Cluster, tmp_path: Path) -> None:
    with update_in(cluster, "infra-start", tmp_path) as running:
        running.press_ctrl_c()
        assert wait_until(lambda: "^C received" in running.said(), END_SECONDS)
        assert "infra-start" not in Watch(cluster).ended(), "the step had ended before"
        running.press_ctrl_c()
        status, said = running.end(END_SECONDS)
    assert status != 0
    assert "Traceback" not in said
    cluster.stack.pulumi("cancel", "--yes")


def test_the_next_update_ends_well(cluster: Cluster) -> None:
    cluster.deploy()
    assert services_ok(cluster)
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert cluster.root("ls /etc/etcd/dh | grep -vc latest").strip() == "1"
    assert cluster.has_no_changes()


def test_a_host_that_is_booted_comes_back_by_itself(cluster: Cluster) -> None:
    cluster.lab.stop("h1")
    cluster.lab.start("h1")
    assert wait_until(lambda: services_ok(cluster), BOOT_SECONDS), cluster.services()
    assert cluster.has_no_changes()


def test_a_host_that_lost_its_power_comes_back_by_itself(cluster: Cluster) -> None:
    cluster.lab.kill("h1")
    cluster.lab.start("h1")
    assert wait_until(lambda: services_ok(cluster), BOOT_SECONDS), cluster.services()
    assert cluster.has_no_changes()
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)

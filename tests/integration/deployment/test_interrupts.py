"""An update that the operator or a power failure interrupts is continued by the next one.

Each test continues from the one before, on a host that is bare at first.
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
END_SECONDS = 40  # until an update reports its host as lost; keep-alive probes are 15 s apart
BOOT_SECONDS = 90  # from the start of the host until all services are OK


class Running:
    """A running update, which writes its output to a file."""

    def __init__(self, process: subprocess.Popen[str], console: Path) -> None:
        self.process = process
        self._console = console

    def press_ctrl_c(self) -> None:
        """Interrupt the whole process group, as the terminal does at Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def output(self) -> str:
        """Return the output so far."""
        return self._console.read_text()

    def wait(self, seconds: float) -> tuple[int, str]:
        """Wait for the end and return exit status and output."""
        return self.process.wait(seconds), self.output()


@contextmanager
def update_in(cluster: Cluster, step: str, directory: Path, *, since_now: bool = False) -> Iterator[Running]:
    """Start an update in its own process group, as a terminal does, and wait until a step has begun."""
    console, watch = directory / "console", Watch(cluster, since_now=since_now)
    with console.open("w") as file:
        process = cluster.stack.popen("up", *QUIET, stdout=file, stderr=file, start_new_session=True)
    try:
        deadline = time.monotonic() + STEP_SECONDS
        while step not in watch.begun():
            assert process.poll() is None, console.read_text()
            assert time.monotonic() < deadline, console.read_text()
            time.sleep(0.001)
        assert step not in watch.ended(), f"{step} ended before it could be interrupted"
        yield Running(process, console)
    finally:
        if process.poll() is None:
            kill_all(process)
            cluster.stack.pulumi("cancel", "--yes", check=False)


def slow_down(cluster: Cluster, script: str, seconds: int = 5) -> None:
    """Slow down the next call of a vendor script, so that it still runs when it is interrupted."""
    cluster.root(f"echo '{script} slow 1 {seconds}' >/etc/illumon-faults")


def test_an_update_fails_if_the_host_loses_power_during_the_installation_of_packages(
    cluster: Cluster, tmp_path: Path
) -> None:
    with update_in(cluster, "infra-packages", tmp_path) as running:
        cluster.lab.partition("h1")  # a host without power does not close its connections
        cluster.lab.kill("h1")
        cluster.lab.start("h1")
        cluster.lab.heal("h1")
        status, output = running.wait(END_SECONDS)
    cluster.lab.start("h1")
    assert status != 0
    assert "infra-packages" in output
    assert "Traceback" not in output


def test_an_update_fails_if_the_host_loses_power_during_the_configuration_of_etcd(
    cluster: Cluster, tmp_path: Path
) -> None:
    slow_down(cluster, "config_generator.sh")
    with update_in(cluster, "infra-etcd-config", tmp_path) as running:
        cluster.lab.kill("h1")
        status, output = running.wait(END_SECONDS)
    cluster.lab.start("h1")
    assert status != 0
    assert "infra-etcd-config" in output
    assert "Traceback" not in output


def test_a_second_update_is_refused_while_the_first_one_runs(cluster: Cluster, tmp_path: Path) -> None:
    slow_down(cluster, "admin_init.sh", seconds=15)  # longer than the second update takes
    with update_in(cluster, "infra-etcd-admin", tmp_path) as running:
        second = cluster.up()
        assert second.status != 0
        assert "locked" in second.output
        assert running.process.poll() is None
        running.press_ctrl_c()
        status, output = running.wait(END_SECONDS)
    assert status != 0
    assert "Traceback" not in output


def test_ctrl_c_ends_an_update(cluster: Cluster, tmp_path: Path) -> None:
    slow_down(cluster, "iris_keygen.sh")
    with update_in(cluster, "infra-keygen", tmp_path) as running:
        running.press_ctrl_c()
        status, output = running.wait(END_SECONDS)
    assert status != 0
    assert "Traceback" not in output


def test_a_second_ctrl_c_ends_an_update_in_the_middle_of_a_step(cluster: Cluster, tmp_path: Path) -> None:
    with update_in(cluster, "infra-start", tmp_path) as running:
        running.press_ctrl_c()
        assert wait_until(lambda: "^C received" in running.output(), END_SECONDS)
        assert "infra-start" not in Watch(cluster).ended(), "the step ended before"
        running.press_ctrl_c()
        status, output = running.wait(END_SECONDS)
    assert status != 0
    assert "Traceback" not in output
    cluster.stack.pulumi("cancel", "--yes")


def test_the_next_update_succeeds(cluster: Cluster) -> None:
    cluster.deploy()
    assert services_ok(cluster)
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert cluster.root("ls /etc/etcd/dh | grep -vc latest").strip() == "1"
    assert cluster.has_no_changes()


def test_services_start_after_a_reboot(cluster: Cluster) -> None:
    cluster.lab.stop("h1")
    cluster.lab.start("h1")
    assert wait_until(lambda: services_ok(cluster), BOOT_SECONDS), cluster.services()
    assert cluster.has_no_changes()


def test_services_start_after_a_power_failure(cluster: Cluster) -> None:
    cluster.lab.kill("h1")
    cluster.lab.start("h1")
    assert wait_until(lambda: services_ok(cluster), BOOT_SECONDS), cluster.services()
    assert cluster.has_no_changes()
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)

"""Fault matrix: each vendor script fails in each way, and each `up` continues from there."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from components.plan import plan
from components.steps.model import Plan
from tests.support.cluster import ONCE, Cluster, Update
from tests.support.stack_file import write_config
from tests.unit.conftest import make_spec

pytestmark = [pytest.mark.lab, pytest.mark.long]
FAULTS = "/etc/illumon-faults"
LOGS = "var/log/deephaven-install"
MARKER = "marker-Zk3vQ8rT1xWm"
LIMIT = 6  # seconds that each vendor script may take here
START_SECONDS = 15  # until the program starts its first step, on a busy machine

# Faults of a vendor script's next call, with the program's message.
FAILS = {
    "status": "{script} exited with status 3",
    "word": '{script} reported "failed", but exited with status 0',
    "hang": f"exceeded its time limit of {LIMIT} s",
    "long-status": "{script} exited with status 3",
    "secret-status": "{script} exited with status 3",
    "secret-word": '{script} reported "failed", but exited with status 0',
}
# Scripts also succeed once with unusual output, alternately: a line of 200 kB without an end, or a secret.
SUCCEEDS = ("long", "secret")
STEPS = {
    "config_generator.sh": "etcd-config",
    "enable_dh_etcd_systemd.sh": "etcd-enable",
    "admin_init.sh": "etcd-admin",
    "iris_keygen.sh": "keygen",
    "dh_config_server_init.sh": "config-server",
    "set_iris_endpoints_prop.sh": "endpoints",
    "set_routing_service_hosts.sh": "routing",
    "cus_init.sh": "cus",
    "dbacl_init.sh": "acl-database",
    "config_import.sh": "config-import",
    "monit_init.sh": "roles",
    "learn_install.sh": "example-data",
}


def with_short_limits(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with short time limits and with example data, so that every script is called."""
    limits = {name: {"limit": LIMIT} for name in make_spec(raw).profile.scripts if name != "etcd_status"}
    return {
        **raw,
        "release": {**raw["release"], "overrides": {"scripts": limits}},
        "services": {"example_data": "infra"},
    }


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with short time limits, in a checkout of its own."""
    copy = cluster.copy(tmp_path_factory.mktemp("faults"))
    write_config(copy, with_short_limits(copy.configuration()))
    return copy


@pytest.fixture(scope="module")
def planned(copy: Cluster) -> Plan:
    """Return the plan of the stack."""
    return plan(make_spec(copy.configuration()), digest="")


def later_steps(planned: Plan, name: str) -> set[str]:
    """Return the steps that depend on a step, directly or indirectly."""
    dependent = {f"infra-{name}"}
    for step in planned:
        if dependent & set(step.after):
            dependent.add(step.resource_name)
    return {resource.removeprefix("infra-") for resource in dependent} - {name}


CASES = [(script, fault) for script in STEPS for fault in FAILS]
CONSOLE: list[str] = []


class TestEachFaultOfEachVendorScript:
    """Each test continues from the one before, on one host."""

    @pytest.mark.parametrize(("script", "fault"), CASES)
    def test_a_fault_is_reported_and_no_later_step_runs(
        self, copy: Cluster, planned: Plan, script: str, fault: str
    ) -> None:
        arrange(copy, script, fault)
        begin = time.monotonic()
        update = copy.up()
        CONSOLE.append(update.output)
        assert update.status != 0, f"{script} {fault}: {update.output}"
        assert time.monotonic() - begin < LIMIT + START_SECONDS
        step = STEPS[script]
        message, remedy = first_lines(update, step)
        assert message == f"infra (h1.lab.internal): step {step}: {FAILS[fault].format(script=script)}"
        assert remedy.startswith("  what to do: ")
        assert "Traceback" not in update.output
        assert f"{script} {fault} " not in copy.root(f"cat {FAULTS}"), "the fault did not occur"
        assert steps_with_log(copy) & later_steps(planned, step) == set()

    def test_the_next_update_succeeds(self, copy: Cluster) -> None:
        copy.root(f"echo '{list(STEPS)[-1]} secret 1 {MARKER}' >{FAULTS}")
        update = copy.up()
        CONSOLE.append(update.output)
        assert update.status == 0, update.output
        assert copy.root(f"cat {FAULTS}") == "", "a fault did not occur"
        assert {name for name, status in copy.services().items() if status != "OK"} == set()
        assert copy.has_no_changes()

    def test_etcd_has_one_configuration(self, copy: Cluster) -> None:
        assert copy.root("ls /etc/etcd/dh | grep -vc latest").strip() == "1"
        assert set(ONCE) <= set(STEPS)

    def test_a_secret_that_scripts_print_is_only_in_the_log_for_root(self, copy: Cluster) -> None:
        console = "".join(CONSOLE)
        assert len(CONSOLE) > len(STEPS)
        secrets = {MARKER, *copy.secrets()}
        text = copy.written_by_pulumi() + copy.root("cat /var/lib/deephaven-install/receipts/*")
        for secret in secrets:
            assert secret not in console
            assert secret not in text
            assert copy.readable_by_others(secret) == ""
        assert MARKER in copy.root(f"cat /{LOGS}/*"), "the log for root must contain the output of the scripts"


def arrange(copy: Cluster, script: str, fault: str) -> None:
    """Make the next call of a script fail.

    The script before it succeeds with unusual output, and those after it fail until it is their turn, because some of
    them run in parallel.
    """
    scripts = list(STEPS)
    turn = scripts.index(script)
    faults = [f"{script} {fault} 1 {MARKER}", *(f"{after} status 99 {MARKER}" for after in scripts[turn + 1 :])]
    if fault == next(iter(FAILS)) and turn > 0:
        faults.append(f"{scripts[turn - 1]} {SUCCEEDS[turn % len(SUCCEEDS)]} 1 {MARKER}")
    copy.root(f"umask 077; cat >{FAULTS} <<'E'\n" + "\n".join(faults) + "\nE\n")


def first_lines(update: Update, step: str) -> tuple[str, str]:
    """Return the first two lines of a step's error, after the engine's own line."""
    lines = [line.rstrip() for line in update.output.partition("\nDiagnostics:\n")[2].splitlines()]
    at = next(n for n, line in enumerate(lines) if re.search(rf'error: .*sudo -n bash -s -- {step}"', line))
    assert "Process exited with status" in lines[at]
    error = [line for line in lines[at + 1 :] if line.strip()]
    indent = len(error[0]) - len(error[0].lstrip())
    return error[0][indent:], error[1][indent:]


def steps_with_log(copy: Cluster) -> set[str]:
    """Return the steps that have run on the host."""
    return {file.stem for file in (copy.lab.upper("h1") / Path(LOGS)).glob("*.log")}

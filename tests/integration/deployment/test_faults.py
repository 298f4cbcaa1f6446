"""Fault matrix: each of the vendor's scripts fails in turn in each way; each `up` goes on from there."""

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
START_SECONDS = 15  # of the engine and the program, on a busy machine

# What the stand-in does at its next call, and what the program then says of it.
FAILS = {
    "status": "{script} exited with status 3",
    "word": '{script} reported "failed", but exited with status 0',
    "hang": f"exceeded its time limit of {LIMIT} s",
    "long-status": "{script} exited with status 3",
    "secret-status": "{script} exited with status 3",
    "secret-word": '{script} reported "failed", but exited with status 0',
}
# Each script once succeeds with an odd output, in turn: a line of 200 kB without an end, or a secret.
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


def hasty(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with short time limits and the example data, so that every script is called."""
    limits = {name: {"limit": LIMIT} for name in make_spec(raw).profile.scripts if name != "etcd_status"}
    return {
        **raw,
        "release": {**raw["release"], "overrides": {"scripts": limits}},
        "services": {"example_data": "infra"},
    }


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack with the hasty configuration, in a checkout of its own."""
    twin = cluster.copy(tmp_path_factory.mktemp("hasty"))
    write_config(twin, hasty(twin.configuration()))
    return twin


@pytest.fixture(scope="module")
def ordered(copy: Cluster) -> Plan:
    """Return the plan of the stack."""
    return plan(make_spec(copy.configuration()), digest="")


def later(ordered: Plan, step: str) -> set[str]:
    """Return the steps that wait for one, directly or not."""
    found = {f"infra-{step}"}
    for task in ordered:
        if found & set(task.after):
            found.add(task.resource_name)
    return {name.removeprefix("infra-") for name in found} - {step}


CASES = [(script, way) for script in STEPS for way in FAILS]
CONSOLE: list[str] = []


class TestEachVendorScriptFailsInEachWay:
    """One pass: the tests follow one another on one host."""

    @pytest.mark.parametrize(("script", "way"), CASES)
    def test_says_so_and_stops(self, copy: Cluster, ordered: Plan, script: str, way: str) -> None:
        arrange(copy, script, way)
        began = time.monotonic()
        update = copy.up()
        CONSOLE.append(update.output)
        assert update.status != 0, f"{script} {way}: {update.output}"
        assert time.monotonic() - began < LIMIT + START_SECONDS
        step = STEPS[script]
        what, remedy = first_lines(update, step)
        assert what == f"infra (h1.lab.internal): step {step}: {FAILS[way].format(script=script)}"
        assert remedy.startswith("  what to do: ")
        assert "Traceback" not in update.output
        assert f"{script} {way} " not in copy.root(f"cat {FAULTS}"), "the fault was never met"
        assert logs(copy) & later(ordered, step) == set()

    def test_the_next_update_ends_well(self, copy: Cluster) -> None:
        copy.root(f"echo '{list(STEPS)[-1]} secret 1 {MARKER}' >{FAULTS}")
        update = copy.up()
        CONSOLE.append(update.output)
        assert update.status == 0, update.output
        assert copy.root(f"cat {FAULTS}") == "", "a fault was never met"
        assert {name for name, status in copy.services().items() if status != "OK"} == set()
        assert copy.has_no_changes()

    def test_what_must_happen_once_happened_once(self, copy: Cluster) -> None:
        assert copy.root("ls /etc/etcd/dh | grep -vc latest").strip() == "1"
        assert set(ONCE) <= set(STEPS)

    def test_the_secret_that_scripts_printed_stands_nowhere(self, copy: Cluster) -> None:
        console = "".join(CONSOLE)
        assert len(CONSOLE) > len(STEPS)
        known = {MARKER, *copy.secrets()}
        kept = copy.written_by_pulumi() + copy.root("cat /var/lib/deephaven-install/receipts/*")
        for secret in known:
            assert secret not in console
            assert secret not in kept
            assert copy.readable_by_others(secret) == ""
        assert MARKER in copy.root(f"cat /{LOGS}/*"), "the log for root holds what the scripts printed"


def arrange(copy: Cluster, script: str, way: str) -> None:
    """Let the next call of a script fail.

    The script before it succeeds with an odd output now, and those after it fail until their turn has come,
    because some of them run at the same time.
    """
    scripts = list(STEPS)
    turn = scripts.index(script)
    faults = [f"{script} {way} 1 {MARKER}", *(f"{after} status 99 {MARKER}" for after in scripts[turn + 1 :])]
    if way == next(iter(FAILS)) and turn > 0:
        faults.append(f"{scripts[turn - 1]} {SUCCEEDS[turn % len(SUCCEEDS)]} 1 {MARKER}")
    copy.root(f"umask 077; cat >{FAULTS} <<'E'\n" + "\n".join(faults) + "\nE\n")


def first_lines(update: Update, step: str) -> tuple[str, str]:
    """Return the first two lines that the program said of a step's error, after the engine's own line."""
    lines = [line.rstrip() for line in update.output.partition("\nDiagnostics:\n")[2].splitlines()]
    at = next(n for n, line in enumerate(lines) if re.search(rf'error: .*sudo -n bash -s -- {step}"', line))
    assert "Process exited with status" in lines[at]
    said = [line for line in lines[at + 1 :] if line.strip()]
    indent = len(said[0]) - len(said[0].lstrip())
    return said[0][indent:], said[1][indent:]


def logs(copy: Cluster) -> set[str]:
    """Return the steps that have run on the host."""
    return {file.stem for file in (copy.lab.upper("h1") / Path(LOGS)).glob("*.log")}

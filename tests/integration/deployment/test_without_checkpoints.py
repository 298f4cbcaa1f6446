"""Updates that save the state only at their end: killed, then repeated or reverted; and an older state, imported.

Each test continues from the one before.
"""

import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.deployment.test_killed_updates import Watch, kill_all
from tests.support.cluster import ONCE, QUIET, Cluster
from tests.support.stack_file import edited_copy, write_config
from tests.unit.config.cases import changed

pytestmark = pytest.mark.lab
LAB = "nockpt"
SKIP = {"PULUMI_SKIP_CHECKPOINTS": "true"}
KILLED_AFTER = (2, 9, 20)  # steps
SECONDS = 120
FILE = "/etc/monit.d/deephaven-http"
DRIFT = "drift: the last run had other inputs since "


@pytest.fixture(scope="module")
def copy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Return the stack in a checkout of its own, on a bare host."""
    return edited_copy(cluster, tmp_path_factory.mktemp("checkpoints"), {})


def kill_after(copy: Cluster, steps: int) -> None:
    """Start an update without checkpoints, and kill it once this many of its steps have ended."""
    watch = Watch(copy, since_now=True)
    output = subprocess.DEVNULL
    engine = copy.stack.popen("up", *QUIET, env=SKIP, stdout=output, stderr=output)
    deadline = time.monotonic() + SECONDS
    while len(watch.ended()) < steps and engine.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert engine.poll() is None, "the update ended before it was killed"
    kill_all(engine)
    copy.stack.pulumi("cancel", "--yes")


def up(copy: Cluster) -> None:
    """Run an update without checkpoints, which must succeed."""
    done = copy.stack.pulumi("up", *QUIET, check=False, env=SKIP)
    assert done.returncode == 0, done.stdout


def rotate(copy: Cluster, generation: int) -> None:
    """Declare another generation of the passwords."""
    write_config(copy, changed(copy.configuration(), {"passwords": {"generation": generation}}))


def require_running(copy: Cluster) -> None:
    """Check that all services run with the password of the state, and that nothing ran twice or is left to do."""
    assert {name for name, status in copy.services().items() if status != "OK"} == set()
    (password,) = copy.secrets()
    assert f"allow admin:{password}" in copy.root(f"cat {FILE}")
    assert copy.root(f"curl -sfu admin:{password} -o /dev/null -w '%{{http_code}}' http://localhost:2812/") == "200"
    assert {script: copy.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert copy.has_no_changes()


def return_to_older_state(copy: Cluster, file: Path) -> set[str]:
    """Rotate the passwords, import the state of before that, and return the passwords that it does not know."""
    copy.stack.pulumi("stack", "export", "--file", str(file))
    rotate(copy, 2)
    up(copy)
    require_running(copy)
    unknown = copy.secrets()
    copy.stack.pulumi("stack", "import", "--file", str(file))
    return unknown


def test_a_killed_installation_is_completed_by_the_next_update(copy: Cluster) -> None:
    for steps in KILLED_AFTER:
        kill_after(copy, steps)
        assert copy.state()["deployment"].get("resources", []) == []
    up(copy)
    require_running(copy)


def test_a_rotation_that_was_killed_and_reverted_is_drift(copy: Cluster) -> None:
    rotate(copy, 2)
    kill_after(copy, 1)
    (password,) = copy.secrets()
    assert password not in copy.root(f"cat {FILE}")
    rotate(copy, 1)
    preview = copy.successful_preview()
    assert set(preview.touched) == {"infra-monit"}
    assert preview.reason("infra-monit").startswith(DRIFT)
    up(copy)
    require_running(copy)


def test_an_older_state_is_followed_once_it_is_imported(copy: Cluster, tmp_path: Path) -> None:
    return_to_older_state(copy, tmp_path / "older.json")
    rotate(copy, 1)
    preview = copy.successful_preview()
    assert preview.reason("infra-monit").startswith(DRIFT)
    up(copy)
    require_running(copy)


def test_an_older_state_with_a_newer_configuration_rotates_again(copy: Cluster, tmp_path: Path) -> None:
    first = return_to_older_state(copy, tmp_path / "older.json")
    up(copy)
    assert copy.secrets() != first
    require_running(copy)

"""A service that the stack excludes stays off, and no step waits for it."""

from pathlib import Path

import pytest

from lab.hosts.process import wait_until
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy

CYCLE_SECONDS = 45
pytestmark = pytest.mark.lab


def test_a_cluster_without_the_client_update_service_is_deployed(cluster: Cluster, tmp_path: Path) -> None:
    copy = edited_copy(cluster, tmp_path, {"services": {"cus": False}})
    copy.deploy()
    # monit stops monitoring a service at the latest at the end of its cycle
    assert wait_until(lambda: copy.services()["client_update_service"] == "Not monitored", CYCLE_SECONDS)
    services = copy.services()
    services.pop("client_update_service")
    assert set(services.values()) == {"OK"}
    assert copy.root("rpm -q lighttpd || true").strip() == "package lighttpd is not installed"
    assert "client_update_service" not in copy.stack.outputs()["hosts"]["infra"]["services"]
    assert copy.has_no_changes()

"""A service that the stack declines stays off, and nothing waits for it."""

from pathlib import Path

import pytest

from lab.hosts.process import wait_until
from tests.support.cluster import Cluster
from tests.support.stack_file import edited_copy

CYCLE_SECONDS = 45
pytestmark = pytest.mark.lab


def test_a_cluster_without_client_update_service(cluster: Cluster, tmp_path: Path) -> None:
    twin = edited_copy(cluster, tmp_path, {"services": {"cus": False}})
    twin.deploy()
    # What monit was told it does in its own time: at the end of its cycle at the latest.
    assert wait_until(lambda: twin.services()["client_update_service"] == "Not monitored", CYCLE_SECONDS)
    services = twin.services()
    services.pop("client_update_service")
    assert set(services.values()) == {"OK"}
    assert twin.root("rpm -q lighttpd || true").strip() == "package lighttpd is not installed"
    assert "client_update_service" not in twin.stack.outputs()["hosts"]["infra"]["services"]
    assert twin.has_no_changes()

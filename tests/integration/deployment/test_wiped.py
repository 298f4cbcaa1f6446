"""A single node that lost everything: the preview says so, and the update installs it again from nothing."""

import pytest

from tests.integration.cluster import ONCE, Cluster

pytestmark = pytest.mark.lab


def test_a_wiped_single_node_is_shown_and_installed_again(cluster: Cluster) -> None:
    assert cluster.up().status == 0
    assert cluster.empty()
    cluster.lab.renew("h1")
    preview = cluster.preview()
    assert preview.status == 0, preview.said
    assert len(preview.touched) == preview.changes["update"]
    assert [step for step, text in preview.touched.items() if "no receipt" not in text] == ["infra-rpm"]
    done = cluster.up()
    assert done.status == 0, done.said
    assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name for name, status in cluster.services().items() if status != "OK"} == set()
    assert cluster.empty()

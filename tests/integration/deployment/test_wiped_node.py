"""A single node that lost everything: the preview says so, and the update installs it again from nothing."""

import pytest

from tests.support.cluster import ONCE, Cluster

pytestmark = pytest.mark.lab
STATE = "/var/lib/deephaven-install"
FORMER = "/var/tmp/deephaven-install"  # noqa: S108 - where an earlier version of this program had its files
RPM = "illumon-db-1.20200121.008-1-1.rpm"
# What a local user has put there before the installation.
FOREIGN = f"""
    echo precious >/root/precious
    mkdir -m 777 {FORMER} && cd {FORMER}
    touch 'a b.rpm' '; touch x.rpm'
    ln -s /root/precious {RPM}
    ln -s /root/precious {RPM}.part
    chown -hR nobody .
"""


def test_a_wiped_single_node_is_shown_and_installed_again(installed: Cluster) -> None:
    assert installed.has_no_changes()
    installed.lab.renew("h1")
    installed.root(FOREIGN)
    preview = installed.successful_preview()
    assert len(preview.touched) == preview.changes["update"]
    assert [step for step, text in preview.touched.items() if "no receipt" not in text] == ["infra-rpm"]
    installed.deploy()
    assert {script: installed.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name for name, status in installed.services().items() if status != "OK"} == set()
    assert installed.has_no_changes()


def test_what_a_local_user_had_put_into_the_former_staging_directory_is_left_alone(installed: Cluster) -> None:
    """It follows the installation above."""
    found = installed.root(f"cat /root/precious; ls -A {FORMER} | sort; stat -c %U {FORMER}")
    assert found.splitlines() == ["precious", "; touch x.rpm", "a b.rpm", RPM, f"{RPM}.part", "nobody"]
    modes = installed.root(f"stat -c %U:%a {STATE} {STATE}/staging /var/lib/deephaven-upload")
    assert modes.split() == ["root:700", "root:700", "centos:700"]

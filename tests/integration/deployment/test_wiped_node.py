"""A single node that was reinstalled: the preview shows it, and the update installs the node again."""

import pytest

from tests.support.cluster import ONCE, Cluster

pytestmark = pytest.mark.lab
STATE = "/var/lib/deephaven-install"
PREVIOUS = "/var/tmp/deephaven-install"  # noqa: S108 - the directory of an earlier version of this program
RPM = "illumon-db-1.20200121.008-1-1.rpm"
# Files that a local user created there before the installation.
FOREIGN = f"""
    echo precious >/root/precious
    mkdir -m 777 {PREVIOUS} && cd {PREVIOUS}
    touch 'a b.rpm' '; touch x.rpm'
    ln -s /root/precious {RPM}
    ln -s /root/precious {RPM}.part
    chown -hR nobody .
"""


def test_a_reinstalled_node_is_shown_and_installed_again(installed: Cluster) -> None:
    assert installed.has_no_changes()
    installed.lab.recreate("h1")
    installed.root(FOREIGN)
    preview = installed.successful_preview()
    assert len(preview.touched) == preview.changes["update"]
    assert [step for step, text in preview.touched.items() if "no receipt" not in text] == ["infra-rpm"]
    installed.deploy()
    assert {script: installed.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name for name, status in installed.services().items() if status != "OK"} == set()
    assert installed.has_no_changes()


def test_the_installation_ignores_files_of_a_local_user_in_the_previous_staging_directory(installed: Cluster) -> None:
    """The test continues from the installation above."""
    output = installed.root(f"cat /root/precious; ls -A {PREVIOUS} | sort; stat -c %U {PREVIOUS}")
    assert output.splitlines() == ["precious", "; touch x.rpm", "a b.rpm", RPM, f"{RPM}.part", "nobody"]
    modes = installed.root(f"stat -c %U:%a {STATE} {STATE}/staging /var/lib/deephaven-upload")
    assert modes.split() == ["root:700", "root:700", "centos:700"]

"""A bare host becomes a running single node, and later updates preserve it; each test continues from the one before."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.hosts import Lab
from lab.hosts.process import wait_until
from tests.support.cluster import ONCE, Cluster

pytestmark = pytest.mark.lab
STEPS = 29


@pytest.fixture(scope="module")
def console(cluster: Cluster) -> str:
    """Deploy onto the bare host and return the output."""
    done = cluster.stack.pulumi("up", "--yes", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.usefixtures("console")
class TestARunningNode:
    """The node after one `pulumi up` of a bare host."""

    def test_every_service_is_ok(self, cluster: Cluster) -> None:
        outputs = cluster.stack.outputs()
        services = cluster.services()
        assert set(outputs["hosts"]["infra"]["services"]) <= set(services)
        assert {name for name, status in services.items() if status != "OK"} == set()

    def test_the_web_api_serves_the_certificate_of_the_outputs(self, cluster: Cluster) -> None:
        outputs = cluster.stack.outputs()
        page = cluster.lab.exec(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", outputs["url"]]).stdout
        assert page == "200"
        fingerprint = cluster.lab.exec(
            [
                "sh",
                "-c",
                "openssl s_client -connect h1.lab.internal:8123 </dev/null | openssl x509 -noout -fingerprint -sha256",
            ]
        ).stdout
        assert fingerprint.strip().split("=")[1] == outputs["certificates"]["web"]

    def test_outputs_have_release_roles_and_certificates(self, cluster: Cluster) -> None:
        outputs = cluster.stack.outputs()
        assert outputs["release"] == "1.20200121.008"
        assert outputs["hosts"]["infra"]["roles"] == ["infra", "dis", "batch", "query"]
        assert set(outputs["certificates"]) == {"web", "configuration_server"}

    def test_monit_answers_only_on_localhost_and_rejects_its_default_password(self, cluster: Cluster) -> None:
        code = "curl -s -o /dev/null -w '%{http_code}' -u admin:monit http://localhost:2812/"
        assert cluster.root(code) == "401"
        remote = cluster.lab.exec(["curl", "-s", "--max-time", "3", "http://h1.lab.internal:2812/"], check=False)
        assert remote.returncode != 0

    def test_the_manifest_describes_the_cluster(self, cluster: Cluster) -> None:
        manifest = cluster.root("cat /var/lib/deephaven-install/cluster.json")
        assert '"etcd": ["infra"]' in manifest
        assert cluster.root("cat /etc/machine-id").strip() in manifest

    def test_secrets_are_in_no_other_file_and_in_no_output(self, cluster: Cluster, console: str) -> None:
        secrets = cluster.secrets()
        assert [len(secret) for secret in secrets] == [32]
        state = cluster.written_by_pulumi()
        receipts = cluster.root("cat /var/lib/deephaven-install/receipts/* /var/lib/deephaven-install/cluster.json")
        logs = cluster.root("cat /var/log/deephaven-install/*")
        for secret in secrets:
            assert cluster.root(f"grep -c {secret} /etc/monit.d/deephaven-http").strip() == "1"
            assert secret not in console + state + receipts + logs
            assert cluster.readable_by_others(secret) == ""

    def test_only_root_can_read_logs_and_receipts(self, cluster: Cluster) -> None:
        modes = cluster.root("stat -c %a:%U /var/lib/deephaven-install /var/log/deephaven-install").split()
        assert modes == ["700:root", "700:root"]

    def test_the_preview_shows_readable_diffs_and_no_secret(self, cluster: Cluster, tmp_path: Path) -> None:
        copy = cluster.copy(tmp_path)
        script = tmp_path / "components/services/scripts/start-database.sh"
        script.write_text(script.read_text() + ": a further command\n")
        diff = copy.stack.pulumi("preview", "--diff").stdout
        assert "+ : a further command" in diff
        assert len(re.findall(r"\[diff: ~stdin\]|~ stdin", diff)) == 1
        assert not [secret for secret in cluster.secrets() if secret in diff]

    def test_a_second_update_does_nothing(self, cluster: Cluster) -> None:
        assert cluster.converged()

    def test_a_preview_by_another_user_with_another_clone_and_agent_shows_no_changes(
        self, cluster: Cluster, tmp_path: Path
    ) -> None:
        copy = cluster.copy(tmp_path / "elsewhere")
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")], stdout=subprocess.DEVNULL)
        try:
            env = {"SSH_AUTH_SOCK": str(tmp_path / "agent"), "USER": "other", "HOME": "/"}
            assert wait_until((tmp_path / "agent").exists, 5)
            subprocess.run(
                ["ssh-add", "-q", cluster.lab.state / "keys/id_ed25519"], env={**os.environ, **env}, check=True
            )
            done = copy.stack.pulumi("preview", "--expect-no-changes", check=False, env=env)
            assert done.returncode == 0, done.stdout
        finally:
            agent.terminate()
            agent.wait()

    def test_edited_scripts_run_their_steps_and_restart_nothing(self, cluster: Cluster, tmp_path: Path) -> None:
        copy = cluster.copy(tmp_path)
        scripts = list((tmp_path / "components").rglob("scripts/*.sh"))
        for script in scripts:
            script.write_text(f"{script.read_text()}# a further comment\n")
        assert copy.has_no_changes()
        for script in scripts:
            script.write_text(f"{script.read_text()}: a further command\n")
        before, calls = cluster.pids(), cluster.calls()
        update = copy.deploy()
        assert update.changes["update"] == STEPS
        assert cluster.pids() == before
        assert cluster.calls() == calls
        cluster.deploy()
        assert cluster.pids() == before

    def test_an_update_after_the_state_was_lost_generates_no_keys_again(self, cluster: Cluster, tmp_path: Path) -> None:
        before, calls = cluster.pids(), cluster.calls()
        shutil.move(cluster.lab.state / "pulumi", tmp_path / "lost")
        assert cluster.stack.init()
        cluster.deploy()
        assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
        assert cluster.calls() == calls
        assert cluster.pids() == before
        assert cluster.has_no_changes()

    def test_destroy_stops_services_and_keeps_data(self, cluster: Cluster) -> None:
        update = cluster.update("destroy", "--yes", "--skip-preview")
        assert update.status == 0, update.output
        units = cluster.root("systemctl is-active dh-etcd mariadb monit; ls /run/deephaven/*.pid; true").split()
        assert units == ["inactive", "inactive", "inactive"]
        assert cluster.root("ls -d /etc/etcd/dh/latest/ssl /var/lib/mysql/dbacl_iris").count("\n") == 2
        assert cluster.stack.outputs() == {}

    def test_an_update_after_destroy_keeps_the_keys(self, cluster: Cluster) -> None:
        cluster.deploy()
        assert {script: cluster.calls()[script] for script in ONCE} == dict.fromkeys(ONCE, 1)
        assert {name for name, status in cluster.services().items() if status != "OK"} == set()
        assert cluster.has_no_changes()


def test_the_lab_has_one_host(cluster: Cluster) -> None:
    assert isinstance(cluster.lab, Lab)
    assert len(cluster.lab.status()) == 1

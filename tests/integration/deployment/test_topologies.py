"""Each stack with several hosts: an update from bare hosts to a running cluster, and a second one that does nothing."""

import json
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.packages.plan import required_packages
from lab.hosts.process import wait_until
from tests.support.cluster import ONCE, Cluster
from tests.support.labs import lab_name, temporary_lab
from tests.support.stacks import bare_stack, installed_stack
from tests.unit.conftest import spec_of

pytestmark = pytest.mark.lab
STACKS = {"production": "three", "production-ha": "nine", "test-mysql": "mysql", "test-opensuse": "suse"}
# Nine hosts take as long as the other stacks together; test_adding_servers.py adds servers of each kind one by one.
LONG = "production-ha"


@pytest.fixture(
    scope="module", params=[pytest.param(stack, marks=pytest.mark.long) if stack == LONG else stack for stack in STACKS]
)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Deploy a stack onto bare hosts, or use the image of such a deployment if other modules need it too."""
    with temporary_lab(lab_name(STACKS[request.param])) as lab:
        if request.param == "production":
            yield installed_stack(lab, request.param, tmp_path_factory.mktemp("topology"))
            return
        cluster = bare_stack(lab, request.param)
        assert set(cluster.deploy().changes) == {"create"}
        yield cluster


def test_exactly_the_services_of_the_plan_are_ok(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    for key, host in cluster.hosts().items():
        node = spec.cluster.nodes[key]
        services = cluster.services(host)
        running = {name for name, status in services.items() if status == "OK"}
        expected = set(spec.services_of(node))
        assert wait_until(lambda host=host, expected=expected: expected <= _ok(cluster, host), 60), (key, services)  # type: ignore[misc]
        assert running <= expected, key


def _ok(cluster: Cluster, host: str) -> set[str]:
    return {name for name, status in cluster.services(host).items() if status == "OK"}


def test_every_host_has_the_declared_system_and_only_its_package_manager(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    managers = {system: profile.install[0] for system, profile in spec.profile.systems.items()}
    for key, host in cluster.hosts().items():
        system = spec.cluster.nodes[key].os
        output = cluster.root(f'. /etc/os-release; echo "$ID"; which {" ".join(managers.values())} || true', host=host)
        assert output.split("\n")[0].startswith(system)
        assert [Path(path).name for path in output.split()[1:]] == [managers[system]]
        packages = required_packages(spec, spec.cluster.nodes[key])
        missing = "for name; do rpm -q --quiet --whatprovides $name || echo $name; done"
        assert cluster.root(f"set -- {shlex.join(packages)}; {missing}", host=host) == ""


def test_all_etcd_members_are_present_and_have_one_leader(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    first = cluster.hosts()[spec.cluster.members[0].node.key]
    members = json.loads(cluster.root(shlex.join(spec.command("etcd_status")), host=first))
    assert len({member["Status"]["header"]["member_id"] for member in members}) == len(spec.cluster.members)
    assert len({member["Status"]["leader"] for member in members}) == 1


def test_scripts_that_must_run_once_ran_once(cluster: Cluster) -> None:
    calls = sum((cluster.calls(host) for host in cluster.hosts().values()), Counter())
    assert {script: calls[script] for script in ONCE} == dict.fromkeys(ONCE, 1)


def test_the_routing_in_etcd_names_the_hosts_of_the_plan(cluster: Cluster) -> None:
    cluster_plan = spec_of(cluster.stack.name).cluster
    hosts = cluster.hosts()
    file = "/etc/sysconfig/illumon.d/resources/routing_service.yml"
    routing = cluster.root(f"cat {file}", host=hosts[cluster_plan.primary.key])
    assert f"&dis-host {cluster_plan.with_role('dis')[0].fqdn}" in routing
    assert f"&rta-host {cluster_plan.table_appender.fqdn}" in routing


def test_the_clusters_keys_are_on_every_host_and_archives_only_on_their_origin_host(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    hosts = cluster.hosts()
    truststore, archives = spec.profile.paths["truststore"], spec.profile.archives
    digests = {cluster.root(f"sha256sum <{truststore}", host=host) for host in hosts.values()}
    assert len(digests) == 1
    sources = {archives.auth: spec.cluster.primary, archives.etcd: spec.cluster.members[0].node}
    for archive, source in sources.items():
        for key, host in hosts.items():
            # the path that the vendor's scripts use, and the path below root's directory
            paths = f"{archive}* /var/lib/deephaven-install/archives{archive}*"
            modes = cluster.root(f"stat -c %a:%U {paths} 2>/dev/null || true", host=host).split()
            expected = key == source.key and (archive == archives.etcd or len(hosts) > 1)
            assert modes == (["600:root"] if expected else []), (archive, key)
            assert cluster.root("ls /var/lib/deephaven-install/incoming 2>/dev/null || true", host=host) == ""


def test_no_private_key_and_no_password_is_in_pulumis_state(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    primary = cluster.hosts()[spec.cluster.primary.key]
    files = f"{spec.profile.paths['auth']}/priv-*.base64.txt {spec.profile.paths['etcd_client']}/password"
    secrets = cluster.root(f"for f in {files}; do cat $f; echo; done", host=primary).split()
    assert len(secrets) == 4
    text = cluster.written_by_pulumi() + json.dumps(cluster.state())
    assert [secret for secret in secrets if secret in text] == []


def test_passwords_are_in_plain_text_neither_in_pulumis_files_nor_in_logs_and_receipts(cluster: Cluster) -> None:
    secrets = {*cluster.secrets(), "lab-database-password"}
    assert len(secrets) > len(cluster.hosts())
    text = cluster.written_by_pulumi()
    for host in cluster.hosts().values():
        text += cluster.root("cat /var/log/deephaven-install/* /var/lib/deephaven-install/receipts/*", host=host)
    assert [secret for secret in secrets if secret in text] == []


def test_hosts_share_the_mounted_storage_and_their_accounts_have_the_same_ids(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    for key, host in cluster.hosts().items():
        for name, ids in spec.accounts.items():
            assert cluster.root(f"id -u {name}; id -g {name}", host=host).split() == [str(ids.uid), str(ids.gid)]
        for mount in spec.cluster.mounts_of(key):
            cluster.root(f"runuser -u dbmerge -- touch {mount.path}/of-{key}", host=host)
            assert cluster.root(f"grep -c ' {mount.path} ' /etc/fstab", host=host) == "1\n"
    expected = {f"of-{key}" for key in cluster.hosts() if spec.cluster.mounts_of(key)}
    for key, host in cluster.hosts().items():
        for mount in spec.cluster.mounts_of(key):
            files = cluster.root(f"find {mount.path} -name 'of-*' -user dbmerge -printf '%f\\n'", host=host).split()
            assert set(files) == expected


def test_every_configuration_server_has_the_same_manifest(cluster: Cluster) -> None:
    spec = spec_of(cluster.stack.name)
    hosts = cluster.hosts()
    manifests = [
        json.loads(cluster.root("cat /var/lib/deephaven-install/cluster.json", host=hosts[node.key]))["cluster"]
        for node in spec.cluster.config_servers
    ]
    assert all(manifest == manifests[0] for manifest in manifests)
    assert manifests[0]["etcd"] == [member.node.key for member in spec.cluster.members]


def test_a_second_update_does_nothing(cluster: Cluster) -> None:
    assert cluster.converged()

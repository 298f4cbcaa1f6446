"""The fake product: the guide works on it by hand, and it refuses everything that it should refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.hosts import Lab
from lab.hosts.process import wait_until
from lab.product.build import build
from tests.integration.lab.guide import (
    AUTH,
    INSTALL,
    SINGLE,
    STATUS,
    Guide,
    address,
    fqdn,
    single_node,
    three_nodes,
)
from tests.support.labs import lab_name, temporary_lab

pytestmark = pytest.mark.lab
BARE, LOGS = 2, Path(__file__).resolve().parents[3] / "lab/.logs"
PREPARED = {
    "etcd/config_generator.sh": f"--servers {address(BARE)} --max-procs 1 --self-signed",
    "etcd/enable_dh_etcd_systemd.sh": "--sequential",
    "etcd/admin_init.sh": "",
    "iris_keygen.sh": f"--config-server {fqdn(BARE)} --web-server {fqdn(BARE)}",
    "dh_config_server_init.sh": f"--server {fqdn(BARE)}",
    "set_iris_endpoints_prop.sh": "--config-server x",
    "dbacl_init.sh": "",
    "cus_init.sh": f"--environment centos --cus-address {fqdn(BARE)} --insecure",
    "set_routing_service_hosts.sh": f"{fqdn(BARE)} {fqdn(BARE)}",
    "etcd/config_import.sh": "",
    "config_packager.sh": "auth package",
    "monit_init.sh": "--role classic-infra",
    "learn_install.sh": "",
}
ORDER = {
    "etcd/config_generator.sh": "etcd is not installed on this etcd node",
    "etcd/enable_dh_etcd_systemd.sh": "unpackage it first",
    "etcd/admin_init.sh": "run config_generator.sh",
    "iris_keygen.sh": "run config_generator.sh",
    "dh_config_server_init.sh": "run this on the node where iris_keygen.sh was run",
    "set_iris_endpoints_prop.sh": "run dh_config_server_init.sh first",
    "dbacl_init.sh": "MariaDB is not installed",
    "cus_init.sh": "lighttpd is not installed",
    "etcd/config_import.sh": "run iris_keygen.sh",
    "config_packager.sh": "run this on the node where iris_keygen.sh was run",
    "monit_init.sh": "monit is not installed",
}


@contextmanager
def hosts(request: pytest.FixtureRequest, name: str, count: int) -> Iterator[Lab]:
    failed = request.session.testsfailed
    build()
    with temporary_lab(name) as lab:
        lab.up(count)
        try:
            yield lab
        except AssertionError:
            lab.keep_logs(LOGS / name)
            raise
        finally:
            if request.session.testsfailed > failed:
                lab.keep_logs(LOGS / name)


@pytest.fixture(scope="module")
def guide(request: pytest.FixtureRequest) -> Iterator[Guide]:
    """Return the guide on two hosts: the first is installed, the second has only the RPM."""
    with hosts(request, lab_name("prod"), 2) as lab:
        guide = Guide(lab)
        guide.product(BARE)
        single_node(guide)
        yield guide


def refused(guide: Guide, host: int, line: str, reason: str) -> None:
    result = guide.script(host, line, check=False)
    assert result.returncode != 0, f"{line}: status 0\n{result.stdout}"
    assert "failed" in result.stdout, result.stdout
    assert reason in result.stdout, result.stdout


def test_by_hand_all_services_of_a_single_node_become_ok(guide: Guide) -> None:
    states = guide.wait_for(1, "OK")
    kinds = set(SINGLE) - {"acl_db"} | {"acl"}
    assert set(states) == {guide.name(kind) for kind in kinds}
    assert guide.web(1) == "200"
    assert guide.run(1, f"{STATUS} -w simple").stdout.count("https://") == 1
    assert guide.run(1, f"curl -sf http://{fqdn(1)}:{guide.port('cus')}/iris/getdown.txt").stdout.startswith("build = ")


def test_services_run_as_the_users_of_the_process_list(guide: Guide) -> None:
    guide.wait_for(1, "OK")
    expected = {"config": "irisadmin", "dis": "dbmerge", "query": "dbquery", "web": "dbquery", "cus": "lighttpd"}
    for kind, user in expected.items():
        command = f"ps -o user:20= -p $(sudo cat /run/deephaven/{guide.name(kind)}.pid)"
        assert guide.run(1, command).stdout.strip() == user


def test_keys_and_passwords_are_not_world_readable(guide: Guide) -> None:
    etcd = "/etc/sysconfig/deephaven/etcd/client/root/password"
    archive = guide.names["archives"]["etcd"]
    for path in (etcd, archive, f"{AUTH}/keystore.authserver.p12", "/etc/etcd/dh/latest/ssl/server.key"):
        assert guide.run(1, f"cat {path}", check=False).returncode != 0, path
        assert guide.run(1, f"sudo test -s {path}").returncode == 0
    logs = guide.run(1, "stat -c '%a %U %n' /var/log/deephaven/install_configuration/*").stdout
    assert "600 irisadmin /var/log/deephaven/install_configuration/iris_keygen.sh.log." in logs


def test_every_script_requires_root(guide: Guide) -> None:
    for script, arguments in PREPARED.items():
        result = guide.run(1, f"{INSTALL}/{script} {arguments}", check=False)
        assert (result.returncode != 0, "failed: must be run as root" in result.stdout) == (True, True), script


def test_every_script_requires_java(guide: Guide) -> None:
    guide.run(BARE, "sudo yum -q -y remove java-1.8.0-openjdk-devel", check=False)
    for script, arguments in PREPARED.items():
        refused(guide, BARE, f"{script} {arguments}", "no Java found")


def test_steps_out_of_order_are_refused(guide: Guide) -> None:
    guide.install(BARE, "java-1.8.0-openjdk-devel")
    for script, reason in ORDER.items():
        refused(guide, BARE, f"{script} {PREPARED[script]}", reason)
    guide.install(BARE, "monit", "mariadb-server", "lighttpd")
    guide.run(BARE, "sudo systemctl stop mariadb")
    refused(guide, BARE, "dbacl_init.sh", "MariaDB does not answer")
    refused(guide, BARE, "monit_init.sh --role classic-query", "run iris_keygen.sh")
    refused(guide, BARE, "config_packager.sh auth unpackage", "copy it from the node where it was created")
    refused(guide, BARE, "config_packager.sh etcd unpackage-client", "copy it from the node where it was created")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("etcd/config_generator.sh --servers h1 --max-procs 1 --self-signed", "h1 is not an IP address"),
        (f"etcd/config_generator.sh --servers {address(1)} {address(1)} --max-procs 1 --self-signed", "twice"),
        (f"etcd/config_generator.sh --servers {address(1)} --self-signed", "--max-procs needs a positive number"),
        (f"etcd/config_generator.sh --servers {address(1)} --max-procs 1", "only --self-signed"),
        ("etcd/admin_init.sh", "authentication is already enabled"),
        ("config_packager.sh etcd unpackage-server", "needs the ordinal"),
        ("config_packager.sh etcd unpackage-server 2", "there is no etcd server 2: the archive has 1"),
        (f"iris_keygen.sh --config-server {fqdn(2)} --web-server {fqdn(1)}", "this host is not a configuration server"),
        (f"iris_keygen.sh --config-server {fqdn(1)}", "provide the web certificate"),
        ("set_iris_endpoints_prop.sh --config-server h1.lab.internal", "--auth-server is missing"),
        ("set_iris_endpoints_prop.sh --config-server h77.lab.internal", "not an FQDN that resolves"),
        ("set_iris_endpoints_prop.sh --surprise", "unrecognized arguments: --surprise"),
        (f"cus_init.sh --environment suse --cus-address {fqdn(1)} --insecure", "only centos"),
        (f"cus_init.sh --environment centos --cus-address {fqdn(1)}", "use --secure or --insecure"),
        (f"cus_init.sh --environment centos --cus-address {fqdn(1)} --secure", "provide the web certificate"),
        (f"set_routing_service_hosts.sh {fqdn(1)}", "usage"),
        (f"set_routing_service_hosts.sh {fqdn(1)} nowhere.lab.internal", "does not resolve"),
        ("monit_init.sh --role classic-merge", "unknown role classic-merge"),
        ("dbacl_init.sh now", "takes no arguments"),
    ],
)
def test_invalid_arguments_are_refused(guide: Guide, line: str, reason: str) -> None:
    refused(guide, 1, line, reason)


def test_the_ordinal_of_another_host_is_refused(guide: Guide) -> None:
    guide.copy("etcd", 1, BARE)
    refused(guide, BARE, "config_packager.sh etcd unpackage-server 1", "which is not an address of this host")
    guide.run(BARE, f"sudo rm {guide.names['archives']['etcd']}")


def test_a_second_config_generator_run_leaves_the_state_of_the_guides_troubleshooting(guide: Guide) -> None:
    guide.install(BARE, "etcd")
    line = f"etcd/config_generator.sh {PREPARED['etcd/config_generator.sh']}"
    guide.script(BARE, line)
    first = guide.run(BARE, "readlink /etc/etcd/dh/latest").stdout.strip()
    assert guide.run(BARE, f"sudo ls /etc/etcd/dh/{first}").stdout.split() == ["config.yaml", "ssl"]
    guide.script(BARE, line)
    second = guide.run(BARE, "readlink /etc/etcd/dh/latest").stdout.strip()
    assert first != second
    assert guide.run(BARE, f"sudo ls /etc/etcd/dh/{first}").stdout.split() == ["ssl"]
    assert guide.run(BARE, f"sudo ls /etc/etcd/dh/{second}").stdout.split() == ["config.yaml"]
    refused(guide, BARE, "etcd/enable_dh_etcd_systemd.sh", "has no ssl: see Troubleshooting")
    refused(guide, BARE, "etcd/admin_init.sh", "no etcd member answers")
    guide.run(BARE, f"sudo mv /etc/etcd/dh/{first}/ssl /etc/etcd/dh/latest/")
    guide.script(BARE, "etcd/enable_dh_etcd_systemd.sh")
    refused(guide, BARE, f"iris_keygen.sh {PREPARED['iris_keygen.sh']}", "run admin_init.sh first")
    guide.script(BARE, "etcd/admin_init.sh")
    guide.script(BARE, f"iris_keygen.sh {PREPARED['iris_keygen.sh']}")


CERTIFICATES = {
    "fits": ("serverAuth,clientAuth", f"DNS:{fqdn(BARE)}", ""),
    "wildcard": ("serverAuth,clientAuth", "DNS:*.lab.internal", ""),
    "no client use": ("serverAuth", f"DNS:{fqdn(BARE)}", "lacks the extended key usage TLS Web Client"),
    "no server use": ("clientAuth", f"DNS:{fqdn(BARE)}", "lacks the extended key usage TLS Web Server"),
    "no name": ("serverAuth,clientAuth", "", "has no Subject Alternative Name"),
    "readable": ("serverAuth,clientAuth", f"DNS:{fqdn(BARE)}", "must be owned by irisadmin:irisadmin with mode 400"),
    "other key": ("serverAuth,clientAuth", f"DNS:{fqdn(BARE)}", "does not match"),
}
PROVIDE = """
cd /etc/deephaven/cus-tls
usage='{usage}' names='{names}'
openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=web -keyout tls.key -out tls.crt \\
  -addext extendedKeyUsage=$usage ${{names:+-addext subjectAltName=$names}} 2>/dev/null
case '{case}' in 'other key') openssl genrsa -out tls.key 2048 2>/dev/null;; esac
chown irisadmin:irisadmin tls.*; chmod 400 tls.*
case '{case}' in readable) chmod 440 tls.crt;; esac
"""


SERVE = """
site=/etc/sysconfig/illumon.d/client_update_service
install -d -o lighttpd /var/log/deephaven/client_update_service
echo hello >/var/www/lighttpd/iris/index.html
systemd-run -q --wait --collect --pipe bash -c "
  lighttpd -D -f $site/lighttpd.conf &
  curl -s -o /dev/null -w '%{{http_code}}' --retry 9 --retry-connrefused --retry-delay 1 \
    --cacert /etc/deephaven/cus-tls/tls.crt https://{name}:{port}/index.html
  kill %1"
"""


def served(guide: Guide, host: int) -> str:
    """Return the status with which lighttpd serves a page over https, checked against the provided certificate."""
    script = SERVE.format(name=fqdn(host), port=guide.port("cus"))
    return guide.lab.ssh(host, "sudo bash -se", input=script).stdout


@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_provided_certificate_must_fit(guide: Guide, case: str) -> None:
    usage, names, reason = CERTIFICATES[case]
    guide.lab.ssh(BARE, "sudo bash -se", input=PROVIDE.format(usage=usage, names=names, case=case))
    if reason:
        refused(guide, BARE, f"iris_keygen.sh --config-server {fqdn(BARE)}", reason)
        refused(guide, BARE, f"cus_init.sh --environment centos --cus-address {fqdn(BARE)} --secure", reason)
    else:
        guide.script(BARE, f"iris_keygen.sh --config-server {fqdn(BARE)}")
        elsewhere = "deeper.h2.lab.internal"
        refused(guide, BARE, f"cus_init.sh --environment centos --cus-address {elsewhere} --secure", "is not valid for")
        guide.script(BARE, f"cus_init.sh --environment centos --cus-address {fqdn(BARE)} --secure")
        assert served(guide, BARE) == "200"


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("status", 3, "giving up"),
        ("word", 0, "failed"),
        ("long", 0, "x" * 200000),
        ("long-status", 3, "x" * 200000),
        ("secret", 0, "marker-4711"),
        ("secret-status", 3, "marker-4711"),
        ("secret-word", 0, "failed"),
    ],
)
def test_a_fault_affects_its_script_once(guide: Guide, kind: str, status: int, text: str) -> None:
    other = "learn_install.sh status 2"
    fault = f"{other}\\nset_routing_service_hosts.sh {kind} 1 marker-4711\\n"
    guide.run(1, f"printf '{fault}' | sudo tee /etc/illumon-faults")
    line = f"set_routing_service_hosts.sh {fqdn(1)} {fqdn(1)}"
    result = guide.script(1, line, check=False)
    assert result.returncode == status, result.stdout[-500:]
    assert text in result.stdout
    assert ("failed" in result.stdout[-200:]) == kind.endswith("word")
    assert ("routing file:" in result.stdout) == (kind in {"long", "secret"})
    guide.script(1, line)
    assert guide.run(1, "cat /etc/illumon-faults").stdout.strip() == other


def test_a_fault_counts_down_and_a_hanging_script_can_be_stopped(guide: Guide) -> None:
    guide.run(1, "echo 'learn_install.sh hang 2' | sudo tee /etc/illumon-faults")
    result = guide.run(1, f"sudo timeout 2 {INSTALL}/learn_install.sh", check=False)
    assert result.returncode == 124
    assert guide.run(1, "pgrep -x sleep", check=False).stdout == ""
    assert guide.run(1, "cat /etc/illumon-faults").stdout.strip() == "learn_install.sh hang 1"
    guide.run(1, "sudo rm /etc/illumon-faults")
    guide.script(1, "learn_install.sh")
    assert "already installed" in guide.script(1, "learn_install.sh").stdout


def test_services_need_each_other_and_the_database(guide: Guide) -> None:
    auth, config, query = guide.name("auth"), guide.name("config"), guide.name("query")
    guide.run(1, f"sudo systemctl stop mariadb; sudo monit restart {auth}")
    guide.wait_for_refusal(1, "auth", "cannot start: ACL database")
    guide.run(1, f"sudo monit restart {query}")
    guide.wait_for_refusal(1, "query", "cannot start: authentication server")
    guide.run(1, f"sudo systemctl start mariadb; sudo monit stop {config}")
    guide.wait_for(1, "Not monitored", config)
    guide.run(1, f"sudo monit restart {query}")
    guide.wait_for_refusal(1, "query", "cannot start: configuration server")
    guide.run(1, f"sudo monit start {config}")
    guide.wait_for(1, "OK")


def test_clients_refuse_a_wrong_host_of_the_configuration_server(guide: Guide) -> None:
    clients = "/etc/sysconfig/illumon.d/dh-config/clients"
    guide.run(1, f"echo localhost | sudo tee {clients}/single/host {clients}/multi/hosts")
    guide.run(1, f"sudo monit restart {guide.name('tailer')}")
    guide.wait_for_refusal(1, "tailer", "certificate is not valid for 'localhost'")
    guide.script(1, f"dh_config_server_init.sh --server {fqdn(1)}")
    guide.wait_for(1, "OK")


def test_imported_endpoints_take_effect_after_a_restart_or_a_reload(guide: Guide) -> None:
    guide.wait_for(1, "OK")
    before = guide.status(1, "controller")["endpoints_revision"]
    arguments = guide.endpoints({kind: [1] for kind in SINGLE} | {"query": [1, 2]})
    printed = guide.script(1, f"set_iris_endpoints_prop.sh {arguments}").stdout
    path = next(line.split(": ")[1] for line in printed.splitlines() if line.startswith("prop file: "))
    guide.run(1, f"sudo /usr/illumon/latest/bin/etcd_prop_file --import {path}")
    assert guide.status(1, "controller")["endpoints_revision"] == before
    output = guide.run(1, "sudo service iris controller_tool --reload").stdout
    assert f"query servers: {fqdn(1)}, {fqdn(2)}" in output
    assert guide.status(1, "controller")["endpoints_revision"] > before
    root = f"http://{fqdn(1)}:{guide.port('cus')}/iris/endpoints.json"
    assert fqdn(2) not in guide.run(1, f"curl -sf {root}").stdout
    guide.run(1, f"sudo monit restart {guide.name('cus')}")
    # monit answers before it has restarted the service
    assert wait_until(lambda: fqdn(2) in guide.run(1, f"curl -sf {root}", check=False).stdout, 60)
    guide.wait_for(1, "OK")
    tool, place = "sudo -u dbquery /usr/illumon/latest/bin/etcd_prop_file", "/db/TempFiles/dbquery"
    guide.run(1, f"{tool} --export iris-endpoints.prop {place}")
    assert guide.run(1, f"sudo diff {path} /db/TempFiles/dbquery/iris-endpoints.prop").returncode == 0


def test_a_patch_moves_the_links_and_keeps_local_files(guide: Guide) -> None:
    guide.run(1, "sudo monit stop all")
    guide.wait_for(1, "Not monitored")
    guide.product(1, "012")
    for link in ("/usr/illumon/latest", "/etc/sysconfig/illumon.d"):
        assert guide.run(1, f"readlink {link}").stdout.strip().endswith("1.20200121.012")
    for kept in ("resources/iris-endpoints.prop", "java_lib/mysql-connector-java.jar"):
        guide.run(1, f"test -s /etc/sysconfig/illumon.d/{kept}")
    guide.run(1, "ls -d /etc/sysconfig/deephaven/illumon.d.1.20200121.008")
    guide.run(1, "sudo monit start all")
    guide.wait_for(1, "OK")
    assert guide.status(1, "query")["build"] == "1.20200121.012"


@pytest.mark.long
def test_all_services_of_three_hosts_with_the_second_vocabulary_become_ok(request: pytest.FixtureRequest) -> None:
    with hosts(request, lab_name("prod2"), 3) as lab:
        guide = Guide(lab, "second")
        three_nodes(guide)
        for host in (1, 2, 3):
            assert not set(guide.wait_for(host, "OK")) & {"configuration_server", "tailer1", "db_query_server"}
        assert guide.web(1) == "200"
        assert guide.status(1, "controller")["query_servers"] == [fqdn(2), fqdn(3)]
        members = guide.run(2, f"{STATUS} -w json").stdout
        assert members.count('"Endpoint"') == 3
        assert guide.run(3, "systemctl is-enabled deephaven-etcd").stdout.strip() == "enabled"

"""Follows the installation guide by hand, over ssh, on lab hosts that have the fake product's RPM."""

import json
import shlex
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lab.hosts import Lab
from lab.product.build import BUILD, RELEASE
from lab.product.files.dhlib.kinds import KINDS
from lab.product.stage import SOURCES

INSTALL = "/usr/illumon/latest/install"
AUTH = "/etc/sysconfig/deephaven/auth"
SINGLE = ("config", "auth", "acl_db", "query", "merge", "dis", "ltds", "controller", "cus", "web", "las", "tailer")
STATUS = "sudo DH_ETCD_DIR=/etc/sysconfig/illumon.d/etcd/client/root /usr/illumon/latest/bin/etcdctl.sh endpoint status"


def rpm(number: str = "008", folder: str = "") -> Path:
    """Return the path of a product RPM."""
    return BUILD / folder / f"illumon-db-{RELEASE}.{number}-1-1.rpm"


class Guide:
    """The guide's steps on the hosts of one lab, with the names of one vocabulary."""

    def __init__(self, lab: Lab, vocabulary: str = "guide") -> None:
        self.lab = lab
        self.names: dict[str, Any] = json.loads((SOURCES / f"vocabulary/{vocabulary}.json").read_text())
        self.folder = "" if vocabulary == "guide" else vocabulary

    def run(self, host: int, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell command as the ordinary user."""
        result = self.lab.ssh(host, command, check=False)
        if check:
            assert result.returncode == 0, f"h{host}: {command}\n{result.stdout}{result.stderr}"
        return result

    def script(self, host: int, line: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run an install script with sudo; success is status 0 without the word "failed" at the end."""
        result = self.run(host, f"sudo {INSTALL}/{line}", check=check)
        if check:
            assert "failed" not in result.stdout[-300:], result.stdout
        return result

    def install(self, host: int, *packages: str) -> None:
        """Install packages, as steps 1 to 4 do."""
        self.run(host, f"sudo yum -q -y install {' '.join(packages)}")
        for unit in ("monit", "mariadb"):
            if {unit, f"{unit}-server"} & set(packages):
                self.run(host, f"sudo systemctl enable --now {unit}")

    def product(self, host: int, number: str = "008") -> None:
        """Copy the product's RPM to a host and install it, as step 5 does."""
        path = rpm(number, self.folder)
        with path.open("rb") as file:
            self.lab.exec([*self.lab.ssh_argv(host), f"cat >{path.name}"], stdin=file, text=None, capture_output=False)
        self.run(host, f"sudo yum -q -y localinstall ./{path.name}")

    def endpoints(self, hosts: dict[str, list[int]]) -> str:
        """Return the arguments of set_iris_endpoints_prop.sh."""
        names = self.names["endpoints"]
        separator = names["separator"] or " "
        return " ".join(f"{names['flags'][kind]} {separator.join(map(fqdn, at))}" for kind, at in hosts.items())

    def roles(self, host: int, *positions: int) -> None:
        """Put roles under monit's control, by their position in the vocabulary, and reload it."""
        for position in positions:
            self.run(host, f"sudo -E {INSTALL}/monit_init.sh --role {list(self.names['roles'])[position]}")
        self.run(host, "sudo monit reload")

    def copy(self, kind: str, source: int, *targets: int) -> None:
        """Copy an archive to the same path on other hosts."""
        path = self.names["archives"][kind]
        packed = self.lab.ssh(source, f"sudo base64 {path}").stdout
        for target in targets:
            self.lab.ssh(
                target, f"sudo mkdir -p {Path(path).parent}; base64 -d | sudo tee {path} >/dev/null", input=packed
            )

    def name(self, kind: str) -> str:
        """Return a service's name."""
        return str(self.names["services"][kind]["name"])

    def port(self, kind: str) -> int:
        """Return a service's port."""
        return int(self.names["services"][kind]["port"])

    def summary(self, host: int) -> dict[str, str]:
        """Wake monit and return the state of each service."""
        text = self.run(host, "sudo monit >/dev/null; sudo monit -B summary").stdout
        rows = [line.split() for line in text.splitlines() if line.rstrip().endswith("Process")]
        return {row[0]: " ".join(row[1:-1]) for row in rows}

    def wait_for(self, host: int, state: str, *services: str, seconds: float = 60) -> dict[str, str]:
        """Wait until the listed services, or all of them, are in a state."""
        deadline = time.monotonic() + seconds
        while True:
            states = self.summary(host)
            names = services or tuple(states)
            if states and all(states.get(name, "").startswith(state) for name in names):
                return states
            assert time.monotonic() < deadline, f"h{host}: not {state}: {states}"

    def wait_for_refusal(self, host: int, kind: str, reason: str, seconds: float = 60) -> None:
        """Wait until a service cannot start for a reason, and assert that monit does not report it as OK."""
        service = self.names["services"][kind]
        log = f"/var/log/deephaven/{service['log']}/{KINDS[kind].prefix}.log.current"
        deadline = time.monotonic() + seconds
        while reason not in self.run(host, f"sudo monit >/dev/null; sudo tail -n 1 {log}").stdout:
            assert time.monotonic() < deadline, self.run(host, f"sudo tail -n 5 {log}").stdout
        assert not self.summary(host)[service["name"]].startswith("OK")

    def status(self, host: int, kind: str) -> dict[str, Any]:
        """Return the status that a service with plain HTTP reports."""
        answer = self.run(host, f"curl -sf http://localhost:{self.port(kind)}/status").stdout
        status: dict[str, Any] = json.loads(answer)
        return status

    def web(self, host: int) -> str:
        """Return the HTTP status of the web login page."""
        url = f"https://{fqdn(host)}:{self.port('web')}/iriside"
        return self.run(host, f"curl -sk -o /dev/null -w '%{{http_code}}' {shlex.quote(url)}", check=False).stdout


def fqdn(host: int) -> str:
    """Return a host's name."""
    return f"h{host}.lab.internal"


def address(host: int) -> str:
    """Return a host's address."""
    return f"10.77.0.{10 + host}"


def single_node(guide: Guide, host: int = 1) -> None:
    """Run steps 1 to 22 on one host."""
    name = fqdn(host)
    guide.install(
        host, "java-1.8.0-openjdk-devel", "mysql-connector-java", "mariadb-server", "lighttpd", "monit", "etcd"
    )
    guide.product(host)
    guide.script(host, f"etcd/config_generator.sh --servers {address(host)} --max-procs 1 --self-signed")
    guide.script(host, "etcd/enable_dh_etcd_systemd.sh")
    guide.script(host, "etcd/admin_init.sh")
    guide.script(host, f"iris_keygen.sh --config-server {name} --web-server {name}")
    guide.run(host, "sudo cp /usr/share/java/mysql-connector-java.jar /etc/sysconfig/illumon.d/java_lib")
    guide.script(host, f"dh_config_server_init.sh --server {name}")
    guide.script(host, f"set_iris_endpoints_prop.sh {guide.endpoints({kind: [host] for kind in SINGLE})}")
    guide.script(host, "dbacl_init.sh")
    guide.script(host, f"cus_init.sh --environment centos --cus-address {name} --insecure")
    guide.script(host, f"set_routing_service_hosts.sh {name} {name}")
    guide.script(host, "etcd/config_import.sh")
    guide.roles(host, 0, 1, 2, 3)


def prerequisites(guide: Guide, host: int) -> None:
    """Run steps 1 to 5 on a host of the small production layout."""
    extra = ("mysql-connector-java", "mariadb-server", "lighttpd") if host == 1 else ()
    guide.install(host, "java-1.8.0-openjdk-devel", "monit", "etcd", *extra)
    guide.product(host)


def three_nodes(guide: Guide) -> None:
    """Run steps 1 to 22 on the guide's small production layout: infra, query, query."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: prerequisites(guide, host), (1, 2, 3)))
    members = " ".join(map(address, (1, 2, 3)))
    guide.script(1, f"etcd/config_generator.sh --servers {members} --max-procs 1 --self-signed")
    guide.copy("etcd", 1, 2, 3)
    for host in (2, 3):
        guide.script(host, f"config_packager.sh etcd unpackage-server {host}")
    for host in (1, 2, 3):
        guide.script(host, "etcd/enable_dh_etcd_systemd.sh --sequential")
    guide.script(3, "etcd/enable_dh_etcd_systemd.sh")  # without --sequential it waits for all members
    guide.script(2, "etcd/admin_init.sh")
    guide.script(1, f"iris_keygen.sh --config-server {fqdn(1)} --web-server {fqdn(1)}")
    jar = guide.lab.ssh(1, "base64 /usr/share/java/mysql-connector-java.jar").stdout
    for host in (1, 2, 3):
        guide.lab.ssh(
            host,
            "base64 -d | sudo tee /etc/sysconfig/illumon.d/java_lib/mysql-connector-java.jar >/dev/null",
            input=jar,
        )
    guide.script(1, f"dh_config_server_init.sh --server {fqdn(1)}")
    everywhere = {"query": [2, 3], "las": [1, 2, 3], "tailer": [1, 2, 3]}
    guide.script(1, f"set_iris_endpoints_prop.sh {guide.endpoints({kind: [1] for kind in SINGLE} | everywhere)}")
    guide.script(1, "dbacl_init.sh")
    guide.script(1, f"cus_init.sh --environment centos --cus-address {fqdn(1)} --insecure")
    guide.script(1, f"set_routing_service_hosts.sh {fqdn(1)} {fqdn(1)}")
    guide.script(1, "etcd/config_import.sh")
    guide.script(1, "config_packager.sh auth package")
    guide.copy("auth", 1, 2, 3)
    for host in (2, 3):
        guide.script(host, "config_packager.sh auth unpackage")
        guide.roles(host, 3)
    guide.roles(1, 0, 1, 2)

"""The installation guide carried out by hand, over ssh, on lab hosts that have the stand-in product's RPM."""

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
    """Give the path of a product RPM."""
    return BUILD / folder / f"illumon-db-{RELEASE}.{number}-1-1.rpm"


class Guide:
    """The guide's steps on the hosts of one lab, in the words of one vocabulary."""

    def __init__(self, lab: Lab, vocabulary: str = "guide") -> None:
        self.lab = lab
        self.words: dict[str, Any] = json.loads((SOURCES / f"vocabulary/{vocabulary}.json").read_text())
        self.folder = "" if vocabulary == "guide" else vocabulary

    def run(self, host: int, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell command as the ordinary user."""
        done = self.lab.ssh(host, command, check=False)
        if check:
            assert done.returncode == 0, f"h{host}: {command}\n{done.stdout}{done.stderr}"
        return done

    def script(self, host: int, line: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the install scripts with sudo; success is status 0 without the word failed at the end."""
        done = self.run(host, f"sudo {INSTALL}/{line}", check=check)
        if check:
            assert "failed" not in done.stdout[-300:], done.stdout
        return done

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
        """Give the arguments of set_iris_endpoints_prop.sh."""
        words = self.words["endpoints"]
        joiner = words["separator"] or " "
        return " ".join(f"{words['flags'][kind]} {joiner.join(map(fqdn, at))}" for kind, at in hosts.items())

    def roles(self, host: int, *positions: int) -> None:
        """Hand roles over to monit, by their position in the vocabulary, and reload it."""
        for position in positions:
            self.run(host, f"sudo -E {INSTALL}/monit_init.sh --role {list(self.words['roles'])[position]}")
        self.run(host, "sudo monit reload")

    def carry(self, kind: str, source: int, *targets: int) -> None:
        """Copy an archive to the same place on other hosts."""
        path = self.words["archives"][kind]
        packed = self.lab.ssh(source, f"sudo base64 {path}").stdout
        for target in targets:
            self.lab.ssh(
                target, f"sudo mkdir -p {Path(path).parent}; base64 -d | sudo tee {path} >/dev/null", input=packed
            )

    def name(self, kind: str) -> str:
        """Give a service's name."""
        return str(self.words["services"][kind]["name"])

    def port(self, kind: str) -> int:
        """Give a service's port."""
        return int(self.words["services"][kind]["port"])

    def summary(self, host: int) -> dict[str, str]:
        """Wake monit and give the state of each service."""
        text = self.run(host, "sudo monit >/dev/null; sudo monit -B summary").stdout
        rows = [line.split() for line in text.splitlines() if line.rstrip().endswith("Process")]
        return {row[0]: " ".join(row[1:-1]) for row in rows}

    def wait_for(self, host: int, state: str, *services: str, seconds: float = 60) -> dict[str, str]:
        """Wait until the given services, or all, are in a state."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.summary(host)
            wanted = services or tuple(found)
            if found and all(found.get(name, "").startswith(state) for name in wanted):
                return found
            assert time.monotonic() < deadline, f"h{host}: not {state}: {found}"

    def wait_for_refusal(self, host: int, kind: str, because: str, seconds: float = 60) -> None:
        """Wait until a service cannot start for a reason, and see that monit does not call it OK."""
        service = self.words["services"][kind]
        log = f"/var/log/deephaven/{service['log']}/{KINDS[kind].prefix}.log.current"
        deadline = time.monotonic() + seconds
        while because not in self.run(host, f"sudo monit >/dev/null; sudo tail -n 1 {log}").stdout:
            assert time.monotonic() < deadline, self.run(host, f"sudo tail -n 5 {log}").stdout
        assert not self.summary(host)[service["name"]].startswith("OK")

    def status(self, host: int, kind: str) -> dict[str, Any]:
        """Ask a service that speaks plain HTTP what it knows."""
        found: dict[str, Any] = json.loads(self.run(host, f"curl -sf http://localhost:{self.port(kind)}/status").stdout)
        return found

    def web(self, host: int) -> str:
        """Give the HTTP status of the web login page."""
        url = f"https://{fqdn(host)}:{self.port('web')}/iriside"
        return self.run(host, f"curl -sk -o /dev/null -w '%{{http_code}}' {shlex.quote(url)}", check=False).stdout


def fqdn(host: int) -> str:
    """Give a host's name."""
    return f"h{host}.lab.internal"


def address(host: int) -> str:
    """Give a host's address."""
    return f"10.77.0.{10 + host}"


def single_node(guide: Guide, host: int = 1) -> None:
    """Carry out steps 1 to 22 on one host."""
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
    """Carry out steps 1 to 5 on a host of the small production layout."""
    extra = ("mysql-connector-java", "mariadb-server", "lighttpd") if host == 1 else ()
    guide.install(host, "java-1.8.0-openjdk-devel", "monit", "etcd", *extra)
    guide.product(host)


def three_nodes(guide: Guide) -> None:
    """Carry out steps 1 to 22 on the guide's small production layout: infra, query, query."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: prerequisites(guide, host), (1, 2, 3)))
    members = " ".join(map(address, (1, 2, 3)))
    guide.script(1, f"etcd/config_generator.sh --servers {members} --max-procs 1 --self-signed")
    guide.carry("etcd", 1, 2, 3)
    for host in (2, 3):
        guide.script(host, f"config_packager.sh etcd unpackage-server {host}")
    for host in (1, 2, 3):
        guide.script(host, "etcd/enable_dh_etcd_systemd.sh --sequential")
    guide.script(3, "etcd/enable_dh_etcd_systemd.sh")  # without --sequential: waits until all are present
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
    guide.carry("auth", 1, 2, 3)
    for host in (2, 3):
        guide.script(host, "config_packager.sh auth unpackage")
        guide.roles(host, 3)
    guide.roles(1, 0, 1, 2)

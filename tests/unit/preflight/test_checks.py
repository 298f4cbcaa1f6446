"""Every check can fail: three good hosts with one broken property, and the resulting violation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from components.facts.model import Account, Clock, Facts, HostFacts, Unit, Unreachable
from components.preflight.checks import CHECKS, check_hosts
from components.preflight.finding import Finding, Outcome
from tests.unit.conftest import make_spec
from tests.unit.preflight.good import GIB, IDS, export, good, spec

Change = Callable[[Facts], Facts]


def system(**fields: Any) -> Change:  # noqa: ANN401 - fields of a system
    """Return a change of the facts about the system."""
    return lambda facts: replace(facts, system=replace(facts.system, **fields))


def disk(path: str, **fields: Any) -> Change:  # noqa: ANN401 - fields of a file system
    """Return a change of the file system of a directory."""
    return lambda facts: replace(
        facts, filesystems={**facts.filesystems, path: replace(facts.filesystems[path], **fields)}
    )


def other(**fields: Any) -> Change:  # noqa: ANN401 - fields of facts
    """Return a change of other facts."""
    return lambda facts: replace(facts, **fields)


def name(fqdn: str, *addresses: str) -> Change:
    """Return a change of the addresses of a name."""
    return lambda facts: replace(facts, forward={**facts.forward, fqdn: addresses})


@dataclass
class Case:
    """One broken property on `host`, and the violation, by default on that host only."""

    check: str
    change: Change
    actual: str
    required: str
    remedy: str
    host: str = "query1"
    on: tuple[str, ...] = ()
    outcome: Outcome = Outcome.ERROR
    stack: Mapping[str, Any] = field(default_factory=dict)


WARNING = Outcome.WARNING
ROOT = {"kind": "xfs", "source": "/dev/vda1", "mounted_at": "/"}
CASES = {
    "another system": Case(
        "os", system(os="debian", os_version="12", os_name="Debian 12"), "Debian 12", "centos 7, rhel 7", "install one"
    ),
    "an old system": Case("os", system(os_version="6.10", os_name="CentOS 6"), "CentOS 6", "centos 7", "install one"),
    "another processor": Case("architecture", system(architecture="aarch64"), "aarch64", "x86_64", "another machine"),
    "another init system": Case("systemd", system(systemd=False), "another init system", "systemd", "another machine"),
    "too little memory": Case("memory", system(memory=120 * GIB), "120 GiB", "128 GiB", "add memory"),
    "little memory": Case("memory", system(memory=256 * GIB), "256 GiB", "512 GiB", "add memory", outcome=WARNING),
    "too little memory for the load": Case(
        "memory", system(memory=512 * GIB), "512 GiB", "1200 GiB", "add memory",
        on=("infra", "query1", "query2"), stack={"load": {"users": 250, "persistent_queries": 200}},
    ),
    "swap": Case("swap", system(swap=4 * GIB), "4 GiB", "none", "swapoff -a", outcome=WARNING),
    "few open files": Case("open_files", system(open_files=1024), "1024", "65536", "raise nofile", outcome=WARNING),
    "no room for data": Case(
        "storage", disk("/db/Systems", free=3 * GIB), "3 GiB free for /db/Systems", "20 GiB", "enlarge /db/Systems"
    ),
    "no room for logs": Case(
        "storage", disk("/var/log/deephaven", free=100 * 2**20), "100 MiB free for /var/log", "5 GiB", "enlarge /"
    ),
    "data of the day on the network": Case(
        "storage_kind", disk("/db/Intraday", kind="nfs4"), "nfs4 at /db/Intraday", "a local disk", "mount a local",
        host="infra",
    ),
    "logs in memory": Case(
        "storage_kind", disk("/var/log/deephaven/binlogs", kind="tmpfs"), "tmpfs at /var/log/deephaven/binlogs",
        "a disk", "its content is lost",
    ),
    "history on a local disk": Case(
        "shared_storage", disk("/db/Systems", **ROOT, inode="77"), "xfs /dev/vda1 at /", "the same as infra, query2",
        "mount the shared file system at /db/Systems, see mounts",
    ),
    "missing history": Case(
        "shared_storage", disk("/db/Systems", **ROOT, inode="", changed=""), "xfs /dev/vda1 at /",
        "the same as infra, query2", "mount the shared file system",
    ),
    "another export": Case(
        "shared_storage", disk("/db/Systems", source="nas:/other", changed="2026-01-02"), "nfs4 nas:/other",
        "the same as infra, query2", "mount the shared",
    ),
    "no room for the RPM": Case("disk", disk("/var/lib", free=GIB), "1 GiB free in /var/lib", "2 GiB", "free space"),
    "another Java": Case("java", other(java="11.0.2"), "11.0.2", "1.8.0", "select Java 1.8.0 with"),
    "another Java 8": Case("java", other(java="1.8.0_202"), "1.8.0_202", "1.8.0_242, as on", "install the same Java"),
    "a clock ahead": Case("clock", system(clock=Clock(low=1.2, high=1.3)), "1.2 s ahead", "at most 1 s", "chrony"),
    "a clock behind": Case("clock", system(clock=Clock(low=-3.1, high=-2.9)), "3.0 s behind", "at most 1 s", "chrony"),
    "another address": Case(
        "names", name("h3.lab.internal", "10.77.0.99"), "h3.lab.internal is 10.77.0.99", "the same on every host", "DNS"
    ),
    "an own name that resolves to loopback": Case(
        "names", name("h2.lab.internal", "127.0.1.1"), "h2.lab.internal is 127.0.1.1", "the same", "/etc/hosts"
    ),
    "an unknown name": Case("names", name("h1.lab.internal"), "h1.lab.internal is unknown", "the same", "/etc/hosts"),
    "another reverse name": Case(
        "names", other(reverse={"10.77.0.11": "h1", "10.77.0.12": "h2.lab.internal"}),
        "10.77.0.11 is h1, 10.77.0.13 is unknown", "in both directions", "the fully qualified name first",
    ),
    "the same host name": Case(
        "host_names", system(host_name="h1.lab.internal"), "h1.lab.internal, same as ", "a unique one", "hostnamectl",
        on=("infra", "query1"),
    ),
    "the same machine-id": Case(
        "machine_id", system(machine_id=f"{1:032d}"), f"{1:032d}, same as ", "a unique one", "systemd-machine-id-setup",
        on=("infra", "query1"),
    ),
    "a port taken": Case(
        "free_ports", other(listening={22: "sshd", 2379: "other", 2812: ""}),
        "2379 (other), 2812 (unknown program)", "free", "stop and disable",
    ),
    "a port that is silent": Case(
        "reachable_ports", lambda facts: replace(facts, peers={**facts.peers, "10.77.0.11/2379": "silent"}),
        "infra:2379 silent", "an answer", "open these ports",
    ),
    "ports that a firewall rejects": Case(
        "reachable_ports", lambda facts: replace(facts, peers=dict.fromkeys(facts.peers, "No route to host")),
        "infra:2379 No route to host, query2:2379", "an answer", "open these ports",
    ),
    "SELinux": Case(
        "selinux", system(selinux="Enforcing"), "Enforcing", "Permissive", "setenforce 0", outcome=WARNING
    ),
    "a firewall": Case(
        "firewall", other(units={"firewalld": Unit(enabled="enabled", active="active")}), "firewalld is active",
        "inactive", "systemctl disable --now firewalld", outcome=WARNING,
    ),
    "other ids": Case(
        "accounts", other(accounts={**IDS, "dbquery": Account(uid=990, gid=802)}), "dbquery is 990:802", "802:802",
        "usermod -u 802 dbquery",
    ),
    "other ids than declared": Case(
        "accounts", other(accounts={"irisadmin": Account(uid=990, gid=990)}), "irisadmin is 990:990", "801:801",
        "usermod -u 801", stack={"accounts": {"irisadmin": {"uid": 801, "gid": 801}}},
    ),
}  # fmt: skip


def findings_of(raw: Mapping[str, Any], case: Case, environment: str) -> list[Finding]:
    """Return the findings of a case."""
    hosts = good()
    hosts[case.host] = case.change(hosts[case.host])
    return list(check_hosts(spec(raw, {**case.stack, "environment": environment}), hosts))


def test_three_good_hosts_have_no_finding(raw: dict[str, Any]) -> None:
    assert check_hosts(spec(raw), good()) == []


@pytest.mark.parametrize("title", CASES)
def test_one_broken_property_is_one_finding(raw: dict[str, Any], title: str) -> None:
    case = CASES[title]
    findings = findings_of(raw, case, "production")
    assert [(finding.check, finding.violation.node.key) for finding in findings] == [
        (case.check, key) for key in case.on or (case.host,)
    ]
    finding = next(finding for finding in findings if finding.violation.node.key == case.host)
    assert finding.outcome is case.outcome
    assert case.actual in finding.violation.actual
    assert case.required in finding.violation.required
    assert case.remedy in finding.violation.remedy


def test_every_check_has_a_case_in_which_it_fails() -> None:
    assert {case.check for case in CASES.values()} == {check.name for check in CHECKS}


@pytest.mark.parametrize("title", CASES)
def test_in_a_test_cluster_only_certainties_are_errors(raw: dict[str, Any], title: str) -> None:
    case = CASES[title]
    outcomes = {finding.outcome for finding in findings_of(raw, case, "test")}
    never = case.check in {"architecture", "systemd", "accounts"}
    assert outcomes == {Outcome.ERROR if never else WARNING}


ACCEPTABLE: Mapping[str, tuple[Change, Mapping[str, Any]]] = {
    "no Java yet": (other(java=""), {}),
    "512 GiB of memory as the kernel shows it": (system(memory=503 * GIB), {}),
    "a clock that may be correct": (system(clock=Clock(low=-0.9, high=1.4)), {}),
    "a later system": (system(os="rhel", os_version="8.4"), {}),
    "ports of an installed product": (other(product="1.20200121.008-1", listening={2379: "etcd", 2812: "monit"}), {}),
    "a change of the shared directory that a client does not see yet": (
        disk("/db/Systems", changed="2026-02-02"),
        {},
    ),
    "the server of the export itself": (
        disk("/db/Systems", kind="xfs", source="/dev/vdb", mounted_at="/srv", free=500 * GIB),
        {},
    ),
    "no room in a directory of another role": (disk("/db/Intraday", free=0), {}),
    "no accounts yet": (other(accounts={}), {}),
    "history that the stack will mount": (
        disk("/db/Systems", kind="xfs", source="/dev/vda1", mounted_at="/", inode="", free=GIB),
        {"mounts": [{"source": "nas:/systems", "path": "/db", "type": "nfs"}]},
    ),
    "Permissive": (system(selinux="Permissive"), {}),
}


@pytest.mark.parametrize("title", ACCEPTABLE)
def test_an_acceptable_host_has_no_finding(raw: dict[str, Any], title: str) -> None:
    change, stack = ACCEPTABLE[title]
    hosts = good()
    hosts["query1"] = change(hosts["query1"])
    assert check_hosts(spec(raw, stack), hosts) == []


def test_hosts_of_one_image_do_not_share_their_own_disks(raw: dict[str, Any]) -> None:
    own = export(kind="xfs", source="/dev/vda1", mounted_at="/")
    hosts = {
        key: replace(facts, filesystems={**facts.filesystems, "/db/Systems": own}) for key, facts in good().items()
    }
    findings = check_hosts(spec(raw), hosts)
    assert [(finding.check, finding.violation.node.key) for finding in findings] == [
        ("shared_storage", "infra"),
        ("shared_storage", "query1"),
        ("shared_storage", "query2"),
    ]
    assert findings[0].violation.required == "one file system for all"


def test_a_missing_mount_is_a_finding_only_if_no_step_mounts_it(
    raw: dict[str, Any],
) -> None:
    hosts = good()
    unmounted = disk("/db/Systems", kind="xfs", source="/dev/vda1", mounted_at="/", inode="9")(hosts["query1"])
    hosts["query1"] = replace(unmounted, product="1.20200121.008-1")
    mounts = {"mounts": [{"source": "nas:/systems", "path": "/db/Systems", "type": "nfs"}]}
    assert check_hosts(spec(raw, mounts), hosts) == []
    assert [finding.check for finding in check_hosts(spec(raw), hosts)] == ["shared_storage"]


def test_an_unreachable_peer_is_not_a_finding_of_other_hosts(raw: dict[str, Any]) -> None:
    hosts = good()
    del hosts["query2"]
    silent = {target: "silent" if "10.77.0.13" in target else "open" for target in hosts["infra"].peers}
    hosts["infra"] = replace(hosts["infra"], peers=silent)
    assert check_hosts(spec(raw), hosts) == []


@pytest.mark.parametrize("facts", [{}, {"infra": Unreachable("no route", "start it")}], ids=["off", "unreachable"])
def test_without_facts_there_is_no_finding_and_no_failure(raw: dict[str, Any], facts: Mapping[str, HostFacts]) -> None:
    raw["hosts"]["query3"] = {"fqdn": "h4.lab.internal", "roles": ["query"]}
    assert check_hosts(make_spec(raw), facts) == []

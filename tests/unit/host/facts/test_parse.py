"""What the reader's script printed becomes facts; anything else is told as unreadable."""

import json

import pytest

from components.host.facts.model import ABSENT, Account, Unit
from components.host.facts.parse import UnreadableError, parse
from tests.unit.host.facts.records import facts, recorded

CONFIG = "/etc/etcd/dh/latest/config.yaml"


def test_an_installed_host_tells_what_it_is() -> None:
    system = facts("infra").system
    assert (system.os, system.os_version, system.architecture, system.systemd) == ("centos", "7", "x86_64", True)
    assert (system.cpus, system.memory, system.swap, system.open_files) == (2, 24684092 * 1024, 0, 20000)
    assert (system.host_name, system.selinux, system.boot_time) == ("h1.lab.internal", "Disabled", 1795528214)
    assert len(system.machine_id) == 32


def test_an_installed_host_tells_what_it_holds() -> None:
    found = facts("infra")
    assert found.java == "1.8.0_242"
    assert found.product == "1.20200121.008-1"
    assert found.accounts["dbquery"] == Account(uid=994, gid=992)
    assert found.units["dh-etcd"] == Unit(enabled="enabled", active="active")
    assert found.units["firewalld"] == Unit(enabled="", active="inactive")
    assert found.listening[2379] == "etcd"
    assert found.record is not None
    assert found.record["cluster"]["etcd"] == ["infra"]
    assert not found.untouched


def test_monit_tells_its_services_and_neither_the_heading_nor_the_host() -> None:
    services = facts("infra").monit
    assert len(services) == 12
    assert set(services.values()) == {"OK"}
    text = recorded("infra").replace("tailer1                          OK  ", "tailer1   Execution failed | Does...  ")
    assert parse(text, sent=0, heard=1).monit["tailer1"] == "Execution failed | Does..."


def test_a_bare_host_tells_that_nothing_is_there() -> None:
    found = facts("query")
    assert found.untouched
    assert (found.java, found.product, found.monit, found.record, found.attempts) == ("", "", {}, None, ())
    assert found.places["/db/Systems"].inode == ""
    assert found.places["/db/Systems"].mounted_at == "/"


def test_names_are_resolved_both_ways() -> None:
    found = facts("query")
    assert found.forward["h1.lab.internal"] == ("10.77.0.11",)
    assert found.reverse["10.77.0.11"] == "h1.lab.internal"


def test_a_receipt_tells_what_became_of_its_files() -> None:
    receipt = facts("infra").receipts["etcd-config"]
    assert receipt.written["step"] == "etcd-config"
    assert receipt.now == receipt.files
    assert receipt.changed == ()


def test_a_changed_and_an_absent_file_are_told() -> None:
    digest = facts("infra").receipts["etcd-config"].files[CONFIG]
    changed = recorded("infra").replace(f"file\t{digest}\t{CONFIG}", f"file\t{'0' * 64}\t{CONFIG}")
    assert parse(changed, sent=0, heard=1).receipts["etcd-config"].changed == (CONFIG,)
    absent = recorded("infra").replace(f"file\t{digest}\t{CONFIG}\n", "")
    receipt = parse(absent, sent=0, heard=1).receipts["etcd-config"]
    assert receipt.now == {CONFIG: ABSENT}
    assert receipt.changed == (CONFIG,)


@pytest.mark.parametrize("text", ["{", "[]", '{"files": []}', ""])
def test_a_receipt_that_is_none_has_no_files(text: str) -> None:
    found = parse(recorded("query").replace("end\n", f"receipt\tx\t{text}\nend\n"), sent=0, heard=1)
    assert found.receipts["x"].files == {}
    assert found.receipts["x"].written == (json.loads(text) if text.startswith('{"') else {})


def test_the_clock_is_bounded_by_the_operators_times() -> None:
    clock = parse(
        recorded("query").replace("clock\t", "clock\t100000000000\nx\t", 1), sent=97.0, heard=97.5
    ).system.clock
    assert (clock.low, clock.high, clock.middle) == (2.5, 3.0, 2.75)


def test_no_limit_of_open_files_is_a_high_one() -> None:
    found = parse(recorded("query").replace("open_files\t20000", "open_files\tunlimited"), sent=0, heard=1)
    assert found.system.open_files > 10**9


def test_an_answer_that_broke_off_is_told() -> None:
    with pytest.raises(UnreadableError, match="its answer broke off"):
        parse(recorded("infra").replace("\nend", ""), sent=0, heard=1)


@pytest.mark.parametrize("line", ["machine_id\t", "clock\t", "MemTotal\t"])
def test_an_answer_without_a_fact_is_told(line: str) -> None:
    with pytest.raises(UnreadableError, match="its answer cannot be read"):
        parse(recorded("infra").replace(line, f"other-{line}"), sent=0, heard=1)


def test_a_hosts_words_cannot_command_the_terminal() -> None:
    found = parse(recorded("query").replace("CentOS Linux 7", "\x1b[31mCentOS\x9b Linux"), sent=0, heard=1)
    assert found.system.os_name.startswith("[31mCentOS Linux")

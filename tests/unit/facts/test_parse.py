"""The output of the reader's script becomes facts; anything else is reported as unreadable."""

import pytest

from components.facts.model import ABSENT, Account, Damaged, Receipt, Unit
from components.facts.parse import UnreadableError, parse
from components.topology.manifest import ManifestFile
from tests.unit.facts.records import added, facts, instead, parsed, recorded

CONFIG = "/etc/etcd/dh/latest/config.yaml"
TIME = '"time": "2026-11-24T14:08:54Z"'


def test_an_installed_host_has_facts_about_its_system() -> None:
    system = facts("infra").system
    assert (system.os, system.os_version, system.architecture, system.systemd) == ("centos", "7", "x86_64", True)
    assert (system.cpus, system.memory, system.swap, system.open_files) == (2, 24684092 * 1024, 0, 20000)
    assert (system.host_name, system.selinux, system.boot_time) == ("h1.lab.internal", "Disabled", 1795528214)
    assert len(system.machine_id) == 32


def test_an_installed_host_has_facts_about_its_software() -> None:
    host = facts("infra")
    assert host.java == "1.8.0_242"
    assert host.product == "1.20200121.008-1"
    assert host.accounts["dbquery"] == Account(uid=994, gid=992)
    assert host.units["dh-etcd"] == Unit(enabled="enabled", active="active")
    assert host.units["firewalld"] == Unit(enabled="", active="inactive")
    assert host.listening[2379] == "etcd"
    assert host.upload
    assert not host.untouched


def test_an_installed_configuration_server_has_the_manifest() -> None:
    manifest = facts("infra").manifest
    assert isinstance(manifest, ManifestFile)
    assert (manifest.state, manifest.written) == ("complete", "2026-11-24T14:09:01Z")
    assert manifest.cluster is not None
    assert (manifest.cluster.etcd, manifest.cluster.release) == (("infra",), "1.20200121.008-1")
    assert manifest.cluster.hosts["infra"].roles == ("infra", "dis", "batch", "query")


def test_services_of_monit_exclude_the_heading_and_the_host() -> None:
    services = facts("infra").monit
    assert len(services) == 12
    assert set(services.values()) == {"OK"}
    text = recorded("infra").replace("tailer1                          OK  ", "tailer1   Execution failed | Does...  ")
    assert parsed(text).monit["tailer1"] == "Execution failed | Does..."


@pytest.mark.parametrize("kind", ["Process", "Remote Host", "Filesystem"])
def test_each_type_of_monit_service_is_read(kind: str) -> None:
    assert parsed(added("query", f"monit\tnfs_export        Not monitored    {kind}  ")).monit == {
        "nfs_export": "Not monitored"
    }


def test_a_bare_host_is_untouched() -> None:
    host = facts("query")
    assert host.untouched
    assert (host.java, host.product, host.monit, host.manifest, host.attempts) == ("", "", {}, None, ())
    assert host.filesystems["/db/Systems"].inode == ""
    assert host.filesystems["/db/Systems"].mounted_at == "/"
    assert not host.upload


def test_an_upload_directory_with_another_owner_or_mode_does_not_count() -> None:
    assert parsed(instead("query", "upload", "upload\t1000:700\t1000:700")).upload
    for actual in ("1001:700", "1000:755", ""):
        assert not parsed(instead("query", "upload", f"upload\t{actual}\t1000:700")).upload
    assert not parsed(instead("query", "upload")).upload


def test_names_are_resolved_in_both_directions() -> None:
    host = facts("query")
    assert host.forward["h1.lab.internal"] == ("10.77.0.11",)
    assert host.reverse["10.77.0.11"] == "h1.lab.internal"


def test_a_receipt_has_the_digests_of_its_files() -> None:
    receipt = facts("infra").receipts["etcd-config"]
    assert (receipt.time, receipt.damage) == ("2026-11-24T14:08:52Z", "")
    assert set(receipt.files) == {CONFIG}
    assert receipt.now == receipt.files
    assert receipt.changed == ()


def test_a_receipt_of_an_older_program_has_no_machine() -> None:
    assert facts("infra").owners == frozenset()
    new = f'receipt\tx\t{{{TIME}, "host": "infra (h1)", "machine": "{"a" * 32}", "seconds": 1.5, "files": {{}}}}'
    assert parsed(added("query", new)).owners == {("infra (h1)", "a" * 32)}


def test_a_changed_and_an_absent_file_are_reported() -> None:
    digest = facts("infra").receipts["etcd-config"].files[CONFIG]
    changed = recorded("infra").replace(f"file\t{digest}\t{CONFIG}", f"file\t{'0' * 64}\t{CONFIG}")
    assert parsed(changed).receipts["etcd-config"].changed == (CONFIG,)
    absent = recorded("infra").replace(f"file\t{digest}\t{CONFIG}\n", "")
    receipt = parsed(absent).receipts["etcd-config"]
    assert receipt.now == {CONFIG: ABSENT}
    assert receipt.changed == (CONFIG,)


def test_a_tracked_path_that_was_not_a_file_is_unchanged() -> None:
    receipt = parsed(added("query", f'receipt\tx\t{{{TIME}, "files": {{"/etc/pipe": ""}}}}')).receipts["x"]
    assert receipt.files == receipt.now == {"/etc/pipe": ABSENT}
    assert receipt.changed == ()


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("{", "Invalid JSON: EOF while parsing an object at line 1 column 1"),
        ("[]", "Input should be an object"),
        ("{}", "time: Field required"),
        ('{"files": {}}', "time: Field required"),
        (f'{{{TIME}, "files": []}}', "files: Input should be an object"),
        (f'{{{TIME}, "files": {{"/a": 1}}}}', "files./a.constrained-str: Input should be a valid string"),
        (f'{{{TIME}, "machine": "x", "files": {{}}}}', "machine: String should match pattern '^[0-9a-f]{32}$'"),
        (f'{{{TIME}, "host": 5, "files": {{}}}}', "host: Input should be a valid string"),
    ],
)
def test_a_damaged_receipt_affects_only_its_step(text: str, damage: str) -> None:
    host = parsed(added("query", f"receipt\tx\t{text}", f'receipt\ty\t{{{TIME}, "files": {{}}}}'))
    assert host.receipts["x"] == Receipt(damage=damage)
    assert host.receipts["y"] == Receipt(time="2026-11-24T14:08:54Z")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Invalid JSON: EOF while parsing an object at line 1 column 1"),
        ('{"state": "begun"}', "written: Field required"),
        ('{"written": "yesterday", "state": "begun"}', "written: String should match pattern '^[0-9]{4}-[0-9]{2}-"),
        ('{"written": "2026-11-24T14:09:01Z"}', "state: Field required"),
        ('{"written": "2026-11-24T14:09:01Z", "state": "done"}', "state: Input should be 'begun' or 'complete'"),
        ('{"written": "2026-11-24T14:09:01Z", "state": "complete"}', "it is complete but has no cluster"),
    ],
)
def test_a_damaged_manifest_has_its_reason(text: str, reason: str) -> None:
    manifest = parsed(added("query", f"manifest\t{text}")).manifest
    assert isinstance(manifest, Damaged)
    assert manifest.reason.startswith(reason)


def test_a_manifest_that_was_begun_has_no_cluster() -> None:
    text = '{"written": "2026-11-24T14:09:01Z", "state": "begun", "written_on": {"host": "infra"}}'
    manifest = parsed(added("query", f"manifest\t{text}")).manifest
    assert manifest == ManifestFile(written="2026-11-24T14:09:01Z", state="begun")


def test_the_clock_is_bounded_by_the_operators_times() -> None:
    clock = parsed(
        recorded("query").replace("clock\t", "clock\t100000000000\nx\t", 1), sent=97.0, received=97.5
    ).system.clock
    assert (clock.low, clock.high, clock.middle) == (2.5, 3.0, 2.75)


def test_unlimited_open_files_are_a_high_limit() -> None:
    assert parsed(instead("query", "open_files", "open_files\tunlimited")).system.open_files == 2**63


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('openjdk version "11.0.2" 2019-01-15 OpenJDK "x"', "11.0.2"),
        ('java version ""', ""),
        ('openjdk version "1.8.0_242 OpenJDK Runtime Environment', ""),
        ("bash: java: command not host", ""),
    ],
)
def test_the_java_version_is_read_between_quotes(line: str, version: str) -> None:
    assert parsed(added("query", f"java\t{line}")).java == version


def test_an_incomplete_answer_is_unreadable() -> None:
    for text in (recorded("infra").replace("\nend\n", "\n"), "deephaven-facts\n"):
        with pytest.raises(UnreadableError, match=r"^its answer is incomplete$"):
            parsed(text)


@pytest.mark.parametrize("kind", ["machine_id", "clock", "MemTotal", "SwapTotal", "os", "product"])
def test_an_answer_without_a_fact_is_unreadable(kind: str) -> None:
    with pytest.raises(UnreadableError) as error:
        parsed(instead("infra", kind))
    assert str(error.value) == f"its answer cannot be read (KeyError('{kind}'))"


@pytest.mark.parametrize("text", ["", "uninitialized", "0" * 31, "A" * 32, "\u0660" * 32])
def test_an_invalid_machine_id_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError) as error:
        parsed(instead("query", "machine_id", f"machine_id\t{text}"))
    assert str(error.value) == (f"its answer cannot be read: its machine-id is {text!r}, not 32 hexadecimal digits")


def test_text_from_a_host_has_no_terminal_escape() -> None:
    host = parsed(recorded("query").replace("CentOS Linux 7", "\x1b[31mCent\u202eOS\x9b\u2028Linux"))
    assert host.system.os_name == "?[31mCent?OS??Linux (Core) [lab emulation on Debian 12]"


def test_invalid_utf_8_is_replaced() -> None:
    answer = recorded("query").encode().replace(b"CentOS", b"\xffCent\x00OS\xc3")
    assert parse(answer, sent=0, received=1).system.os_name.startswith("\ufffdCent?OS\ufffd Linux 7")


def test_a_long_mount_point_is_bounded() -> None:
    row = "place\t/x\t1\tthen\t2\t3\txfs\t/dev/vda1\t" + "\t".join(["word"] * 5000)
    assert len(parsed(added("query", row)).filesystems["/x"].mounted_at) == 1024

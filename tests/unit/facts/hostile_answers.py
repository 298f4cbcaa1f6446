"""Answers of hostile hosts, each with its outcome: a reason, or a printable value in the facts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components.facts.model import Account, Damaged, Facts, Receipt, Unit
from tests.unit.facts.hostile_rows import ESC, EVERY, SHOWN, escaped
from tests.unit.facts.records import added, instead, recorded

TIME = "2026-11-24T14:08:54Z"
LARGEST = 2**63
UNREAD = "its answer cannot be read"
FEW = f"{UNREAD} (IndexError('list index out of range'))"


@dataclass(frozen=True)
class Answer:
    """An answer with its expected outcome: a reason, or a value of the facts."""

    sent: bytes
    reason: str = ""
    shows: Callable[[Facts], object] | None = None
    value: object = None


def unread(text: str | bytes, reason: str) -> Answer:
    """Return an answer that makes its host unreadable."""
    return Answer(text.encode() if isinstance(text, str) else text, reason)


def shown(text: str | bytes, shows: Callable[[Facts], object], value: object) -> Answer:
    """Return an answer that still gives facts, one of which is compared."""
    return Answer(text.encode() if isinstance(text, str) else text, "", shows, value)


def number(kind: str, text: str, most: int = LARGEST) -> Answer:
    """Return an answer with an invalid number."""
    quoted = text if len(text) <= 120 else f"{text[:117]}..."
    return unread(instead("query", kind, f"{kind}\t{text}"), f"{UNREAD}: {quoted!r} is not a whole number up to {most}")


def receipt(text: str, value: Receipt) -> Answer:
    """Return an answer with one receipt."""
    return shown(added("query", f"receipt\tx\t{text}"), lambda facts: facts.receipts["x"], value)


def damaged_manifest(text: str, reason: str) -> Answer:
    """Return an answer with a damaged manifest."""
    return shown(added("query", f"manifest\t{text}"), lambda facts: facts.manifest, Damaged(reason))


def file(cluster: str) -> str:
    return f'{{"written": "{TIME}", "state": "complete", "cluster": {cluster}}}'


def whole(files: Mapping[str, str]) -> str:
    return json.dumps({"time": TIME, "files": files})


ANSWERS: Mapping[str, Answer] = {
    # bounds
    "nothing": unread(b"", "it answers '' instead of running the query"),
    "a-greeting": unread(b"Welcome to h1\n", "it answers 'Welcome to h1' instead of running the query"),
    "a-greeting-before": shown(f"Welcome\nto h1\n{recorded('query')}", lambda facts: facts.receipts, {}),
    "only-a-clock": unread(b"deephaven-facts\nclock\t1\n", "its answer is incomplete"),
    "no-end": unread(recorded("query").replace("\nend\n", "\n"), "its answer is incomplete"),
    "end-in-a-cell": unread(recorded("query").replace("\nend\n", "\nx\tend\n"), "its answer is incomplete"),
    "too-long": unread(b"x" * (2**20 + 1), "it sends more than 1024 KiB"),
    "too-many-lines": unread(added("query", *["x"] * 20_000), "its answer has more than 20000 lines"),
    "a-very-long-line": shown(
        instead("query", "os", f"os\tcentos\t7\t{'x' * 900_000}"),
        lambda facts: facts.system.os_name,
        "x" * 1021 + "...",
    ),
    "a-hundred-thousand-cells": shown(
        instead("query", "place", "place\t/x\t1\t2\t3\t4\txfs\t/dev" + "\t/srv" * 100_000),
        lambda facts: len(facts.filesystems["/x"].mounted_at),
        1024,
    ),
    # characters
    "null-bytes": shown(
        recorded("query").replace("CentOS Linux", "Cent\0OS\0"), lambda facts: facts.system.os_name[:12], "Cent?OS? 7 ("
    ),
    "no-utf-8": shown(
        recorded("query").encode().replace(b"CentOS", b"\xff\xfe\xc3Cent\x9bOS"),
        lambda facts: facts.system.os_name[:10],
        "\ufffd\ufffd\ufffdCent\ufffdOS",
    ),
    "only-no-utf-8": unread(b"deephaven-facts\n" + b"\xff" * 100_000, "its answer is incomplete"),
    "escapes-everywhere": shown(EVERY, escaped, {SHOWN}),
    "bidirectional-marks": shown(
        instead("query", "product", "product\t\u202e1.20200121.\u2066008\u2028-1"),
        lambda facts: facts.product,
        "?1.20200121.?008?-1",
    ),
    "marks-in-names": shown(
        instead("query", "listening", "listening\t22\tss\u202ehd\u2028\u200b"),
        lambda facts: facts.listening,
        {22: "ss?hd??"},
    ),
    "carriage-returns": shown(
        instead("query", "selinux", "selinux\tPermissive\rEnforcing"),
        lambda facts: facts.system.selinux,
        "Permissive?Enforcing",
    ),
    # numbers
    "clock-of-400-digits": number("clock", "1" * 400),
    "clock-of-5000-digits": number("clock", "9" * 5000),
    "negative-clock": number("clock", "-1795529360188497861"),
    "memory-of-5000-digits": number("MemTotal", "9" * 5000, 2**53),
    "negative-memory": number("MemTotal", "-5", 2**53),
    "uid-of-5000-digits": unread(
        added("query", f"account\tdbquery\t{'9' * 5000}\t1"),
        f"{UNREAD}: '{'9' * 117}...' is not a whole number up to {2**32}",
    ),
    "port-of-1000-digits": unread(
        added("query", f"listening\t{'9' * 1000}\tx"), f"{UNREAD}: '{'9' * 117}...' is not a whole number up to 65535"
    ),
    "port-of-5000-digits": shown(  # once it is cut, it is not a number, and is ignored like a heading
        added("query", f"listening\t{'9' * 5000}\tx"), lambda facts: facts.listening, {22: "sshd"}
    ),
    "negative-port": shown(added("query", "listening\t-22\tx"), lambda facts: facts.listening, {22: "sshd"}),
    "digits-of-another-script": number("cpus", "\u0663\u0664"),
    "a-port-in-another-script": unread(
        added("query", "listening\t\u0662\u0662\tx"), f"{UNREAD}: '\u0662\u0662' is not a whole number up to 65535"
    ),
    "not-a-number": number("boot_time", "NaN"),
    "infinite-files": number("open_files", "inf"),
    # rows
    "no-clock": unread(instead("query", "clock"), f"{UNREAD} (KeyError('clock'))"),
    "no-machine-id": unread(instead("query", "machine_id"), f"{UNREAD} (KeyError('machine_id'))"),
    "an-invalid-machine-id": unread(
        instead("query", "machine_id", f"machine_id\t{'x' * 31}\x1b"),
        f"{UNREAD}: its machine-id is '{'x' * 31}?', not 32 hexadecimal digits",
    ),
    "few-cells-of-the-system": unread(
        instead("query", "os", "os\tcentos"),
        f"{UNREAD} (ValueError('not enough values to unpack (expected 3, got 1)'))",
    ),
    "many-cells-of-the-system": unread(
        instead("query", "os", "os" + "\tx" * 9), f"{UNREAD} (ValueError('too many values to unpack (expected 3)'))"
    ),
    "few-cells-of-an-account": unread(added("query", "account\tdbquery\t1"), FEW),
    "few-cells-of-a-unit": unread(added("query", "unit\tmonit\tenabled"), FEW),
    "few-cells-of-a-manifest": unread(added("query", "manifest"), FEW),
    "few-cells-of-a-name": unread(added("query", "reverse\t10.0.0.1\t10.0.0.1"), FEW),
    "few-cells-of-a-place": unread(
        added("query", "place\t/x"),
        f"{UNREAD} (ValueError('not enough values to unpack (expected at least 7, got 1)'))",
    ),
    "few-cells-of-a-receipt": unread(
        added("query", "receipt\tx"), f"{UNREAD} (ValueError('not enough values to unpack (expected 2, got 1)'))"
    ),
    "doubled-system": shown(
        added("query", "os\tdebian\t12\tDebian", "machine_id\tx"),
        lambda facts: (facts.system.os, facts.system.machine_id[:4]),
        ("centos", "b10c"),
    ),
    "doubled-unit": shown(
        added("query", "unit\tmonit\tmasked\tfailed"),
        lambda facts: facts.units["monit"],
        Unit(enabled="masked", active="failed"),
    ),
    "doubled-account": shown(
        added("query", "account\tx\t1\t1", "account\tx\t2\t2"),
        lambda facts: facts.accounts,
        {"x": Account(uid=2, gid=2)},
    ),
    # input that was once slow to parse
    "monit-lines-of-blanks": shown(
        added("query", *[f"monit\tx{' ' * 2000}x"] * 400, f"monit\tdb_dis{' ' * 900}OK  Process"),
        lambda facts: facts.monit,
        {"db_dis": "OK"},
    ),
    "java-without-a-closing-quote": shown(
        added("query", f"java\topenjdk {'version ' * 100}\"{'1' * 2000}"), lambda facts: facts.java, ""
    ),
    "java-again-and-again": shown(
        added("query", *['java\tversion "1"'] * 9000), lambda facts: facts.java, "1"
    ),
    # JSON
    "deep-manifest": damaged_manifest("[" * 500_000, "Invalid JSON: recursion limit exceeded at line 1 column 202"),
    "deep-receipt": receipt(
        '{"files":' * 50_000, Receipt(damage="Invalid JSON: recursion limit exceeded at line 1 column 1810")
    ),
    "manifest-with-a-number-of-5000-digits": damaged_manifest(
        f'{{"newer": {"9" * 5000}}}', "Invalid JSON: number out of range at line 1 column 4312"
    ),
    "manifest-of-many-values": damaged_manifest(f"[{'0,' * 200_000}0]", "it has more than 20000 values"),
    "manifest-with-an-invalid-state": damaged_manifest(
        file('{"hosts": {"x": {"state": 5}}}'), "cluster.hosts.x.state: Input should be a valid array"
    ),
    "manifest-with-an-invalid-host": damaged_manifest(
        file('{"hosts": {"\\u001b[2Jx\\n": {}}}'),
        "cluster.hosts.?[2Jx .[key]: String should match pattern '^[a-z][a-z0-9-]{0,29}$'",
    ),
    "manifest-with-a-release-that-is-a-command": damaged_manifest(
        file('{"release": "1\\n$(id)"}'),
        "cluster.release: String should match pattern '^([0-9][A-Za-z0-9._-]{0,63})?$'",
    ),
    "manifest-that-is-not-a-number": damaged_manifest("NaN", "Input should be an object"),
    "receipt-with-half-a-character": receipt(
        f'{{"time": "{TIME}", "host": "\\ud800x", "files": {{}}}}',
        Receipt(damage="Invalid JSON: unexpected end of hex escape at line 1 column 49"),
    ),
    "receipt-with-keys-twice": receipt(
        f'{{"time": 5, "time": "{TIME}", "host": "a", "host": "b", "files": {{}}}}', Receipt(time=TIME, host="b")
    ),
    "receipt-with-a-line-break-in-a-path": receipt(
        whole({"/etc/x\n touch /tmp/owned #": "a" * 64}),
        Receipt(
            time=TIME,
            files={"/etc/x? touch /tmp/owned #": "a" * 64},
            now={"/etc/x? touch /tmp/owned #": "absent"},
        ),
    ),
    "receipt-with-5000-files": receipt(
        whole({f"/{n}": "a" * 64 for n in range(5000)}),
        Receipt(damage="files: Dictionary should have at most 1000 items after validation, not more"),
    ),
    "receipt-with-a-time-that-is-a-command": receipt(
        whole({}).replace(TIME, "$(id)"),
        Receipt(
            damage="time: String should match pattern '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'"
        ),
    ),
    "receipt-with-a-host-that-acts-on-the-terminal": receipt(
        whole({}).replace('"files"', f'"host": {json.dumps(ESC)}, "files"'), Receipt(time=TIME, host=SHOWN)
    ),
}  # fmt: skip

"""Parses the output of the reader's script into facts. Pure.

Every value passes `components.host_text`, because no host is trusted.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Annotated

from pydantic import Field

from components.facts.model import ABSENT, Account, Clock, Damaged, Facts, Filesystem, Receipt, System, Unit
from components.host_text import (
    MACHINE_ID,
    Digest,
    HostModel,
    HostTextError,
    MachineId,
    Text,
    Timestamp,
    integer,
    printable,
    quoted,
    rows,
)
from components.host_text import parse as parse_json
from components.topology.manifest import ManifestFile

Rows = Mapping[str, Sequence[Sequence[str]]]

_KIBIBYTE = 1024
_KIBIBYTES = 2**53  # the most memory: the largest integer that a float represents exactly
_NANOSECONDS = 10**9
_UNLIMITED = 2**63
_ID = 2**32
_PORT = 65535
# The types of services, with which lines of monit's summary end.
_MONIT_TYPES = ("Process", "Program", "File", "Directory", "Filesystem", "Fifo", "Network", "Remote Host")
_JSON = frozenset({"receipt", "manifest"})  # kinds whose last cell is decoded before it is made printable


MARKER = b"deephaven-facts\n"
"""The first line of the answer, before which a login shell may print something."""


class UnreadableError(Exception):
    """The output of the script is incomplete or malformed; the message is printable."""


class _Receipt(HostModel):
    """A receipt as run-step.sh writes it; a tracked path that was not a file has an empty digest."""

    time: Timestamp
    host: Text = ""
    machine: MachineId | None = None
    inputs: Digest | None = None
    files: Annotated[Mapping[Text, Digest | Annotated[str, Field(max_length=0)]], Field(max_length=1000)]


def parse(answer: bytes, *, sent: float, received: float) -> Facts:
    """Return a host's facts; `sent` and `received` are the operator's times around the first line, the host's clock.

    Raises UnreadableError if the output is incomplete, too long or malformed.
    """
    noise, marker, answer = answer.partition(MARKER)
    if not marker:
        greeting = quoted(noise[:200].decode(errors="replace").strip())
        raise UnreadableError(f"it answers '{greeting}' instead of running the query")
    try:
        parsed = _rows(answer)
    except HostTextError as error:
        raise UnreadableError(str(error)) from None
    if "end" not in parsed:
        raise UnreadableError("its answer is incomplete")
    try:
        return _facts(parsed, sent, received)
    except HostTextError as error:
        raise UnreadableError(f"its answer cannot be read: {error}") from None
    except (KeyError, IndexError, ValueError) as error:
        raise UnreadableError(f"its answer cannot be read ({quoted(repr(error))})") from None


def _rows(answer: bytes) -> Rows:
    parsed: dict[str, list[list[str]]] = {}
    for kind, cells in rows(answer):
        shown = [printable(cell) for cell in cells]
        if kind in _JSON and cells:
            shown[-1] = cells[-1]
        parsed.setdefault(kind, []).append(shown)
    return parsed


def _facts(rows: Rows, sent: float, received: float) -> Facts:
    return Facts(
        system=_system(rows, sent, received),
        filesystems={row[0]: _filesystem(row) for row in rows.get("place", ())},
        accounts={
            row[0]: Account(uid=integer(row[1], _ID), gid=integer(row[2], _ID)) for row in rows.get("account", ())
        },
        java=_java(rows),
        forward={row[0]: tuple(sorted(filter(_is_address, set(row[1].split())))) for row in rows.get("forward", ())},
        reverse={row[0]: row[1].split()[1] for row in rows.get("reverse", ())},
        listening={integer(row[0], _PORT): row[1] for row in rows.get("listening", ()) if row[0].isdigit()},
        peers={f"{row[0]}/{row[1]}": row[2] for row in rows.get("peer", ())},
        packages={row[0]: row[1] == "installed" for row in rows.get("package", ())},
        product=quoted(_value(rows, "product")),
        etcd_data=tuple(row[0] for row in rows.get("etcd_data", ())),
        units={row[0]: Unit(enabled=row[1], active=row[2]) for row in rows.get("unit", ())},
        monit=dict(filter(None, (_monit(row[0]) for row in rows.get("monit", ())))),
        receipts=_receipts(rows),
        attempts=tuple(row[0] for row in rows.get("attempt", ())),
        upload=any(owner == expected for owner, expected in rows.get("upload", ())),
        manifest=_manifest(rows),
    )


def _system(rows: Rows, sent: float, received: float) -> System:
    clock = integer(_value(rows, "clock")) / _NANOSECONDS
    os, version, name = rows["os"][0]
    return System(
        os=os,
        os_version=version,
        os_name=name,
        architecture=_value(rows, "architecture"),
        systemd=_value(rows, "systemd") == "yes",
        cpus=integer(_value(rows, "cpus")),
        memory=integer(_value(rows, "MemTotal"), _KIBIBYTES) * _KIBIBYTE,
        swap=integer(_value(rows, "SwapTotal"), _KIBIBYTES) * _KIBIBYTE,
        open_files=_limit(_value(rows, "open_files")),
        host_name=quoted(_value(rows, "host_name")),
        machine_id=_machine_id(_value(rows, "machine_id")),
        boot_time=integer(_value(rows, "boot_time")),
        selinux=_value(rows, "selinux"),
        clock=Clock(low=clock - received, high=clock - sent),
    )


def _value(rows: Rows, kind: str) -> str:
    return rows[kind][0][0]


def _machine_id(text: str) -> str:
    if not re.fullmatch(MACHINE_ID, text):
        raise HostTextError(f"its machine-id is {quoted(text)!r}, not 32 hexadecimal digits")
    return text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _limit(text: str) -> int:
    return _UNLIMITED if text == "unlimited" else integer(text)


def _java(rows: Rows) -> str:
    """Return the version that `java -version` prints in quotes, or an empty string."""
    text = "".join(row[0] for row in rows.get("java", ())[:1])
    version, closed, _ = text.partition('version "')[2].partition('"')
    return version if closed else ""


def _filesystem(row: Sequence[str]) -> Filesystem:
    path, inode, changed, size, free, kind, source, *mounted_at = row
    return Filesystem(
        path=path,
        inode=inode,
        changed=changed,
        size=integer(size),
        free=integer(free),
        kind=kind,
        source=source,
        mounted_at=printable(" ".join(mounted_at)),
    )


def _monit(line: str) -> tuple[str, str] | None:
    """Return name and status of a supervised service; None for the heading and the row of the host itself."""
    text = line.strip()
    for kind in _MONIT_TYPES:
        if text.endswith(f" {kind}"):
            name, _, status = text.removesuffix(kind).strip().partition(" ")
            return name, status.strip()
    return None


def _receipts(rows: Rows) -> Mapping[str, Receipt]:
    now = {path: digest for digest, path in rows.get("file", ())}
    return {step: _receipt(text, now) for step, text in rows.get("receipt", ())}


def _receipt(text: str, now: Mapping[str, str]) -> Receipt:
    """Return a receipt; a damaged one, for instance after a full disk, is repaired by its own step."""
    try:
        receipt = parse_json(_Receipt, text)
    except HostTextError as error:
        return Receipt(damage=str(error))
    return Receipt(
        time=receipt.time,
        host=receipt.host,
        machine=receipt.machine or "",
        inputs=receipt.inputs or "",
        files={path: digest or ABSENT for path, digest in receipt.files.items()},
        now={path: now.get(path, ABSENT) for path in receipt.files},
    )


def _manifest(rows: Rows) -> ManifestFile | Damaged | None:
    for row in rows.get("manifest", ()):
        try:
            return ManifestFile.read(row[0])
        except HostTextError as error:
            return Damaged(str(error))
    return None

"""From what the reader's script printed to facts. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from components.host.facts.model import ABSENT, Account, Clock, Facts, Place, Receipt, System, Unit

Rows = Mapping[str, Sequence[Sequence[str]]]

_KIBIBYTE = 1024
_MONIT = re.compile(r"(\S+)\s+(.*?)\s+(Process|Program|File|Directory|Filesystem|Fifo|Network|Remote Host|System)")
_JAVA = re.compile(r'version "([^"]+)"')
# A host's words end up on the operator's terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class UnreadableError(Exception):
    """The script's output is not whole, or not what the script prints."""


def parse(text: str, *, sent: float, heard: float) -> Facts:
    """Return a host's facts; `sent` and `heard` are the operator's times around the first line, the host's clock.

    Raises UnreadableError when the output broke off or has another form.
    """
    rows = _rows(text)
    if "end" not in rows:
        raise UnreadableError("its answer broke off")
    try:
        return _facts(rows, sent, heard)
    except (KeyError, IndexError, ValueError) as error:
        raise UnreadableError(f"its answer cannot be read ({error!r})") from None


def _rows(text: str) -> Rows:
    rows: dict[str, list[list[str]]] = {}
    for line in _UNPRINTABLE.sub("", text).split("\n"):
        kind, *parts = line.split("\t")
        rows.setdefault(kind, []).append(parts)
    return rows


def _facts(rows: Rows, sent: float, heard: float) -> Facts:
    return Facts(
        system=_system(rows, sent, heard),
        places={row[0]: _place(row) for row in rows.get("place", ())},
        accounts={row[0]: Account(uid=int(row[1]), gid=int(row[2])) for row in rows.get("account", ())},
        java="".join(_JAVA.findall(row[0])[0] for row in rows.get("java", ()) if _JAVA.search(row[0])),
        forward={row[0]: tuple(sorted(filter(_is_address, set(row[1].split())))) for row in rows.get("forward", ())},
        reverse={row[0]: row[1].split()[1] for row in rows.get("reverse", ())},
        listening={int(row[0]): row[1] for row in rows.get("listening", ()) if row[0].isdigit()},
        peers={f"{row[0]}/{row[1]}": row[2] for row in rows.get("peer", ())},
        packages={row[0]: row[1] == "installed" for row in rows.get("package", ())},
        product=_one(rows, "product"),
        etcd_data=tuple(row[0] for row in rows.get("etcd_data", ())),
        units={row[0]: Unit(enabled=row[1], active=row[2]) for row in rows.get("unit", ())},
        monit=dict(_monit(row[0] for row in rows.get("monit", ()))),
        receipts=_receipts(rows),
        attempts=tuple(row[0] for row in rows.get("attempt", ())),
        record=_json(rows["record"][0][0]) if "record" in rows else None,
    )


def _system(rows: Rows, sent: float, heard: float) -> System:
    clock = int(_one(rows, "clock")) / 1e9
    os, version, name = rows["os"][0]
    return System(
        os=os,
        os_version=version,
        os_name=name,
        architecture=_one(rows, "architecture"),
        systemd=_one(rows, "systemd") == "yes",
        cpus=int(_one(rows, "cpus")),
        memory=int(_one(rows, "MemTotal")) * _KIBIBYTE,
        swap=int(_one(rows, "SwapTotal")) * _KIBIBYTE,
        open_files=_limit(_one(rows, "open_files")),
        host_name=_one(rows, "host_name"),
        machine_id=_one(rows, "machine_id"),
        boot_time=int(_one(rows, "boot_time")),
        selinux=_one(rows, "selinux"),
        clock=Clock(low=clock - heard, high=clock - sent),
    )


def _one(rows: Rows, kind: str) -> str:
    return rows[kind][0][0]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _limit(text: str) -> int:
    return 2**63 if text == "unlimited" else int(text)


def _place(row: Sequence[str]) -> Place:
    path, inode, changed, size, free, kind, source, *mounted_at = row
    return Place(
        path=path,
        inode=inode,
        changed=changed,
        size=int(size),
        free=int(free),
        kind=kind,
        source=source,
        mounted_at=" ".join(mounted_at),
    )


def _monit(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield name and status of each supervised service; the row of the host itself and the heading are none."""
    for line in lines:
        row = _MONIT.match(line)
        if row and row[3] != "System":
            yield row[1], row[2]


def _receipts(rows: Rows) -> Mapping[str, Receipt]:
    now = {path: digest for digest, path in rows.get("file", ())}
    found = {}
    for step, text in rows.get("receipt", ()):
        receipt = Receipt(written=_json(text), now={})
        found[step] = replace(receipt, now={path: now.get(path, ABSENT) for path in receipt.files})
    return found


def _json(text: str) -> Mapping[str, Any]:
    """Return an object, or an empty one for what is none: whoever needs it must look at what it needs."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

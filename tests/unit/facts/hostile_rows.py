"""One answer with terminal escapes in each cell that is a string."""

from components.facts.model import Facts
from tests.unit.facts.records import recorded

ESC = "\x1b[2J\x1b]0;title\x07"
SHOWN = "?[2J?]0;title?"  # its printable form

ROWS = (
    f"product\t1{ESC}",
    f"selinux\t{ESC}",
    f"host_name\t{ESC}",
    f"os\t{ESC}\t{ESC}\t{ESC}",
    f"architecture\t{ESC}",
    f"systemd\t{ESC}",
    f"place\t/x{ESC}\t{ESC}\t{ESC}\t1\t1\t{ESC}\t{ESC}\t{ESC}\t{ESC}",
    f"account\t{ESC}\t1\t1",
    f'java\tversion "{ESC}"',
    f"reverse\t{ESC}\t10.0.0.1 {ESC}",
    f"forward\t{ESC}\t10.0.0.1 {ESC}",
    f"listening\t1\t{ESC}",
    f"peer\t{ESC}\t{ESC}\t{ESC}",
    f"package\t{ESC}\tinstalled",
    f"etcd_data\t{ESC}",
    f"unit\t{ESC}\t{ESC}\t{ESC}",
    f"monit\tx{ESC}  y{ESC}  Process",
    f"attempt\t{ESC}",
    f"receipt\t{ESC}\t{ESC}",
    f"file\t{ESC}\t{ESC}",
    f"manifest\t{ESC}",
    f"upload\t{ESC}\t{ESC}",
    f"other{ESC}\t{ESC}",
)
KINDS = {row.partition("\t")[0] for row in ROWS}
KEPT = [line for line in recorded("query").splitlines() if line.partition("\t")[0] not in {*KINDS, "end"}]
EVERY = "\n".join([*KEPT, *ROWS, "end"]) + "\n"


def escaped(facts: Facts) -> object:
    """Return a value of each kind of row."""
    place, system = facts.filesystems[f"/x{SHOWN}"], facts.system
    return {
        *(facts.product[1:], system.selinux, system.host_name, system.os, system.os_version, system.os_name),
        *(system.architecture, place.inode, place.changed, place.kind, place.source, *place.mounted_at.split()),
        *(*facts.accounts, facts.java, *facts.reverse, *facts.reverse.values(), facts.listening[1], *facts.packages),
        *(*facts.etcd_data, *facts.units, facts.monit[f"x{SHOWN}"][1:], *facts.attempts, *facts.receipts),
        *(*facts.units[SHOWN].enabled.split(), facts.units[SHOWN].active, facts.peers[f"{SHOWN}/{SHOWN}"]),
    }

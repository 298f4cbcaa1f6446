"""A deployed stack as tests see it: what pulumi says, what runs on the host, what is written where."""

import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.hosts import Lab
from lab.stack import Stack
from lab.stages import PROJECT

ONCE = ("config_generator.sh", "iris_keygen.sh", "admin_init.sh")
QUIET = ("--skip-preview", "--yes", "--suppress-progress")


@dataclass
class Update:
    """One update or preview: its exit status, what it printed, how many resources it created, updated and so on.

    `touched` has, for each resource that does not stay the same, its `update` text, `diffs` which inputs differ.
    """

    status: int
    said: str
    changes: Mapping[str, int]
    touched: Mapping[str, str]
    diffs: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def reason(self, step: str) -> str:
        """Return why a step runs again: from the remark in its command, or of a relay from the message."""
        told = re.search(rf"-{re.escape(step)}: runs again: (.*)", self.said)
        return told[1] if told else self.touched.get(step, "").partition("# ")[2]


class Cluster:
    """One stack on lab hosts; without a name, the host is h1."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @property
    def lab(self) -> Lab:
        """The lab that the stack is on."""
        return self.stack.lab

    def up(self, *arguments: str) -> Update:
        """Run `pulumi up`, without a preview, to its end."""
        return self.update("up", *QUIET, *arguments)

    def deploy(self, *arguments: str) -> Update:
        """Run `pulumi up`, which must end well."""
        return _well(self.up(*arguments))

    def preview(self) -> Update:
        """Run `pulumi preview` to its end."""
        return self.update("preview", "--suppress-progress")

    def shown(self) -> Update:
        """Run `pulumi preview`, which must end well."""
        return _well(self.preview())

    def update(self, *arguments: str) -> Update:
        """Run an update to its end and read the engine's own events."""
        with tempfile.NamedTemporaryFile() as events:
            # the engine's own record of what it did; the option is one of its debugging commands
            log = {"PULUMI_DEBUG_COMMANDS": "true"}
            done = self.stack.pulumi(*arguments, "--event-log", events.name, check=False, env=log)
            found = Path(events.name)
            return Update(done.returncode, done.stdout + done.stderr, operations(found), touched(found), diffs(found))

    def empty(self) -> bool:
        """Say whether a preview announces nothing."""
        return self.stack.pulumi("preview", "--expect-no-changes", check=False).returncode == 0

    def settled(self) -> bool:
        """Say whether a preview announces nothing and an update then does nothing, by the engine's own events."""
        update = self.up("--expect-no-changes") if self.empty() else None
        return update is not None and update.status == 0 and set(update.changes) <= {"same"}

    def root(self, shell: str, *, host: str = "h1", check: bool = True) -> str:
        """Run shell as root on a host and return what it printed."""
        return self.lab.shell(host, shell, check=check).stdout

    def configuration(self) -> dict[str, Any]:
        """Return the stack's configuration object."""
        raw: dict[str, Any] = yaml.safe_load(self.stack.file.read_text())["config"]["deephaven:cluster"]
        return raw

    def hosts(self) -> dict[str, str]:
        """Return the lab's name of each host by its key in the stack."""
        return {key: host["fqdn"].split(".")[0] for key, host in self.configuration()["hosts"].items()}

    def services(self, host: str = "h1", *, wake: bool = False) -> dict[str, str]:
        """Return what monit says of each service on a host; the machine itself is none, its load is the lab's.

        Woken, monit looks at once instead of in its own cycle of half a minute.
        """
        woken = "monit; " if wake else ""
        rows = [row.split() for row in self.root(f"{woken}monit -B summary", host=host).splitlines()[2:]]
        return {row[0]: " ".join(row[1:-1]) for row in rows if row and row[-1] != "System"}

    def pids(self, host: str = "h1") -> dict[str, str]:
        """Return the processes of services, etcd, MariaDB and monit: another one means that it was restarted."""
        units = "for u in dh-etcd mariadb monit; do echo $u=$(systemctl show -P MainPID $u); done"
        files = "for f in /run/deephaven/*.pid; do echo ${f##*/}=$(cat $f); done"
        return dict(line.split("=") for line in self.root(f"{units}; {files}", host=host).splitlines())

    def calls(self, host: str = "h1") -> Counter[str]:
        """Return how often each of the vendor's scripts was run, by the logs that it keeps of each run."""
        logs = self.root("ls /var/log/deephaven/install_configuration 2>/dev/null || true", host=host).split()
        return Counter(log.split(".log")[0] for log in logs)

    def state(self) -> dict[str, Any]:
        """Return the stack's state, its secrets in clear."""
        state: dict[str, Any] = json.loads(self.stack.pulumi("stack", "export", "--show-secrets").stdout)
        return state

    def secrets(self) -> set[str]:
        """Return every secret that the program made."""
        resources = self.state()["deployment"]["resources"]
        made = [resource["outputs"]["result"] for resource in resources if "RandomPassword" in resource["type"]]
        return {secret if isinstance(secret, str) else json.loads(secret["plaintext"]) for secret in made}

    def written_by_pulumi(self) -> str:
        """Return all that pulumi keeps on disk for this lab."""
        files = [path for path in (self.lab.state / "pulumi").rglob("*") if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)

    def readable_by_others(self, text: str) -> str:
        """Return the host's files outside of /proc and /sys that hold a text and that others than root can read."""
        return self.root(
            "find /etc /var /run /tmp /opt /home /usr/local -xdev -type f -perm /o+r -size -20M -print0"
            f" | xargs -0 grep -lF -- '{text}' || true"
        )

    def copy(self, destination: Path) -> "Cluster":
        """Return the same stack, deployed from another checkout with the same content."""
        files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(files, cwd=PROJECT, capture_output=True, check=True).stdout
        # what Python compiled comes along, which knows a source by its time: else each copy compiles all again
        compiled = [str(path.relative_to(PROJECT)) for path in (PROJECT / "components").rglob("*.pyc")]
        for name in filter(None, [*listed.decode().split("\0"), *compiled]):
            if (PROJECT / name).exists():
                (destination / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, destination / name)
        (destination / ".venv").symlink_to(PROJECT / ".venv")
        (destination / "lab/.build").symlink_to(PROJECT / "lab/.build")
        twin = Stack(self.lab, self.stack.name, engine=self.stack.engine, project=destination)
        twin.pulumi("stack", "select", twin.name)
        return Cluster(twin)


def _well(update: Update) -> Update:
    assert update.status == 0, update.said
    return update


def short(urn: str) -> str:
    """Return a resource's name without the cluster's, which stands before every other one."""
    return urn.rpartition("::")[2].removeprefix("deephaven-")


def operations(events: Path) -> Counter[str]:
    """Return how many resources the engine created, updated, deleted or left the same, from its event log."""
    found: Counter[str] = Counter()
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resOutputsEvent", {}).get("metadata", {})
        if metadata:
            found[metadata["op"]] += 1
    return found


def touched(events: Path) -> dict[str, str]:
    """Return the `update` text of each resource that the engine announced another operation for than same."""
    found = {}
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resourcePreEvent", {}).get("metadata", {})
        name = short(metadata.get("urn", ""))
        if metadata and metadata["op"] != "same" and metadata["type"].startswith("command:"):
            found[name] = ((metadata.get("new") or {}).get("inputs") or {}).get("update", "")
    return found


def diffs(events: Path) -> dict[str, frozenset[str]]:
    """Return which top-level inputs of each command or copy differ, as the engine announced it."""
    found = {}
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resourcePreEvent", {}).get("metadata", {})
        if metadata and metadata["op"] != "same" and metadata["type"].startswith("command:"):
            paths = [*(metadata.get("diffs") or []), *(metadata.get("detailedDiff") or {})]
            name = short(metadata["urn"])
            found[name] = frozenset(re.split(r"[.\[]", path)[0] for path in paths)
    return found

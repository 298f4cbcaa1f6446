"""A stack on lab hosts: Pulumi's runs and their events, and services, processes and files on the hosts."""

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
    """One update or preview: its exit status, its output, and the number of resources by operation.

    For each resource that does not stay the same, `touched` has its `update` text and `diffs` the inputs that differ.
    """

    status: int
    output: str
    changes: Mapping[str, int]
    touched: Mapping[str, str]
    diffs: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def reason(self, step: str) -> str:
        """Return why a step runs again: from the comment in its command, or for a file transfer from the message."""
        match = re.search(rf"-{re.escape(step)}: runs again: (.*)", self.output)
        return match[1] if match else self.touched.get(step, "").partition("# ")[2]


class Cluster:
    """One stack on lab hosts; the default host is h1."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @property
    def lab(self) -> Lab:
        """The lab of the stack's hosts."""
        return self.stack.lab

    def up(self, *arguments: str) -> Update:
        """Run `pulumi up` without a preview."""
        return self.update("up", *QUIET, *arguments)

    def deploy(self, *arguments: str) -> Update:
        """Run `pulumi up`, which must succeed."""
        return _succeeded(self.up(*arguments))

    def preview(self) -> Update:
        """Run `pulumi preview`."""
        return self.update("preview", "--suppress-progress")

    def successful_preview(self) -> Update:
        """Run `pulumi preview`, which must succeed."""
        return _succeeded(self.preview())

    def update(self, *arguments: str) -> Update:
        """Run a command of Pulumi and read the engine's events."""
        with tempfile.NamedTemporaryFile() as file:
            # the option --event-log is one of the engine's debugging commands
            env = {"PULUMI_DEBUG_COMMANDS": "true"}
            done = self.stack.pulumi(*arguments, "--event-log", file.name, check=False, env=env)
            log = Path(file.name)
            return Update(done.returncode, done.stdout + done.stderr, operations(log), touched(log), diffs(log))

    def has_no_changes(self) -> bool:
        """Return whether a preview shows no changes."""
        return self.stack.pulumi("preview", "--expect-no-changes", check=False).returncode == 0

    def converged(self) -> bool:
        """Return whether a preview shows no changes and an update then has only the operation same."""
        update = self.up("--expect-no-changes") if self.has_no_changes() else None
        return update is not None and update.status == 0 and set(update.changes) <= {"same"}

    def root(self, shell: str, *, host: str = "h1", check: bool = True) -> str:
        """Run shell as root on a host and return its standard output."""
        return self.lab.shell(host, shell, check=check).stdout

    def configuration(self) -> dict[str, Any]:
        """Return the stack's configuration object."""
        raw: dict[str, Any] = yaml.safe_load(self.stack.file.read_text())["config"]["deephaven:cluster"]
        return raw

    def hosts(self) -> dict[str, str]:
        """Return the lab's name of each host, by its key in the stack."""
        return {key: host["fqdn"].split(".")[0] for key, host in self.configuration()["hosts"].items()}

    def services(self, host: str = "h1", *, wake: bool = False) -> dict[str, str]:
        """Return monit's status of each service on a host, without the host itself, whose load is that of the lab.

        With `wake`, monit checks them at once and not in its next cycle, which takes up to half a minute.
        """
        check = "monit; " if wake else ""
        rows = [row.split() for row in self.root(f"{check}monit -B summary", host=host).splitlines()[2:]]
        return {row[0]: " ".join(row[1:-1]) for row in rows if row and row[-1] != "System"}

    def pids(self, host: str = "h1") -> dict[str, str]:
        """Return the process ids of services, etcd, MariaDB and monit; a restart changes them."""
        units = "for u in dh-etcd mariadb monit; do echo $u=$(systemctl show -P MainPID $u); done"
        files = "for f in /run/deephaven/*.pid; do echo ${f##*/}=$(cat $f); done"
        return dict(line.split("=") for line in self.root(f"{units}; {files}", host=host).splitlines())

    def calls(self, host: str = "h1") -> Counter[str]:
        """Return the number of runs of each vendor script, which writes a log in each run."""
        logs = self.root("ls /var/log/deephaven/install_configuration 2>/dev/null || true", host=host).split()
        return Counter(log.split(".log")[0] for log in logs)

    def state(self) -> dict[str, Any]:
        """Return the stack's state with its secrets in plain text."""
        state: dict[str, Any] = json.loads(self.stack.pulumi("stack", "export", "--show-secrets").stdout)
        return state

    def secrets(self) -> set[str]:
        """Return every password that the program generated."""
        resources = self.state()["deployment"]["resources"]
        results = [resource["outputs"]["result"] for resource in resources if "RandomPassword" in resource["type"]]
        return {result if isinstance(result, str) else json.loads(result["plaintext"]) for result in results}

    def written_by_pulumi(self) -> str:
        """Return the content of all files that Pulumi keeps for this lab."""
        files = [path for path in (self.lab.state / "pulumi").rglob("*") if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)

    def readable_by_others(self, text: str) -> str:
        """Return the files of h1 that contain a text and that accounts other than root can read."""
        return self.root(
            "find /etc /var /run /tmp /opt /home /usr/local -xdev -type f -perm /o+r -size -20M -print0"
            f" | xargs -0 grep -lF -- '{text}' || true"
        )

    def copy(self, destination: Path) -> "Cluster":
        """Return the same stack, deployed from another checkout with the same content."""
        files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(files, cwd=PROJECT, capture_output=True, check=True).stdout
        # without Python's compiled files, which refer to the time of their source, each copy would compile all again
        compiled = [str(path.relative_to(PROJECT)) for path in (PROJECT / "components").rglob("*.pyc")]
        for name in filter(None, [*listed.decode().split("\0"), *compiled]):
            if (PROJECT / name).exists():
                (destination / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, destination / name)
        (destination / ".venv").symlink_to(PROJECT / ".venv")
        (destination / "lab/.build").symlink_to(PROJECT / "lab/.build")
        stack = Stack(self.lab, self.stack.name, engine=self.stack.engine, project=destination)
        stack.pulumi("stack", "select", stack.name)
        return Cluster(stack)


def _succeeded(update: Update) -> Update:
    assert update.status == 0, update.output
    return update


def short(urn: str) -> str:
    """Return a resource's name without the prefix of the cluster's name."""
    return urn.rpartition("::")[2].removeprefix("deephaven-")


def operations(events: Path) -> Counter[str]:
    """Return the number of resources by the engine's operation on them, from its event log."""
    counts: Counter[str] = Counter()
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resOutputsEvent", {}).get("metadata", {})
        if metadata:
            counts[metadata["op"]] += 1
    return counts


def touched(events: Path) -> dict[str, str]:
    """Return the `update` text of each command and copy with another operation than same."""
    texts = {}
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resourcePreEvent", {}).get("metadata", {})
        name = short(metadata.get("urn", ""))
        if metadata and metadata["op"] != "same" and metadata["type"].startswith("command:"):
            texts[name] = ((metadata.get("new") or {}).get("inputs") or {}).get("update", "")
    return texts


def diffs(events: Path) -> dict[str, frozenset[str]]:
    """Return the top-level inputs that differ, for each command and copy with another operation than same."""
    inputs = {}
    for line in events.read_text().splitlines():
        metadata = json.loads(line).get("resourcePreEvent", {}).get("metadata", {})
        if metadata and metadata["op"] != "same" and metadata["type"].startswith("command:"):
            paths = [*(metadata.get("diffs") or []), *(metadata.get("detailedDiff") or {})]
            name = short(metadata["urn"])
            inputs[name] = frozenset(re.split(r"[.\[]", path)[0] for path in paths)
    return inputs

"""The ssh-agent of a lab: it outlives the command that starts it and stops with the lab."""

import os
import shutil
import subprocess
from pathlib import Path

from lab.hosts.cgroup import Cgroup
from lab.hosts.errors import LabError
from lab.hosts.paths import RUN
from lab.hosts.process import run, wait_until


def agent_socket(lab: str) -> Path:
    """Return the socket on which a lab's agent listens."""
    return RUN / "agents" / lab / "socket"


class Agent:
    """The ssh-agent of one lab; its socket is in /run because a socket's path has at most 107 characters."""

    def __init__(self, lab: str, cgroup: Cgroup) -> None:
        self._cgroup = cgroup
        self.socket = agent_socket(lab)
        self._directory = self.socket.parent

    def start(self, key: Path) -> None:
        """Start the agent unless it already runs, and load the key."""
        if not (self._cgroup.alive() and self.socket.exists()):
            self._start()
        environment = {**os.environ, "SSH_AUTH_SOCK": str(self.socket)}
        if not _holds_keys(environment):
            run("ssh-add", "-q", key, env=environment)

    def stop(self) -> None:
        """Stop the agent and remove its socket."""
        self._cgroup.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _start(self) -> None:
        self.stop()
        self._cgroup.create()
        self._directory.mkdir(mode=0o700, parents=True)
        # The shell enters the cgroup before it becomes the agent, so that `down` can never miss the agent.
        enter = f'echo $$ >"{self._cgroup.path}/cgroup.procs" && exec ssh-agent -D -a "{self.socket}"'
        subprocess.run(
            ["setsid", "--fork", "sh", "-c", enter],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if not wait_until(self.socket.exists, 10):
            raise LabError(f"ssh-agent: no socket {self.socket} after 10 s; run ssh-agent -D by hand to find the cause")


def _holds_keys(environment: dict[str, str]) -> bool:
    return subprocess.run(["ssh-add", "-l"], env=environment, capture_output=True, check=False).returncode == 0

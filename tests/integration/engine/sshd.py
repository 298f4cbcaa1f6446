"""OpenSSH's own server on loopback, with its own keys, for one test.

The program comes from the lab hosts' base, because installing one on this machine would start it there.
"""

import contextlib
import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.hosts.paths import BASE

CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {directory}/host
AuthorizedKeysFile {directory}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""
# sshd requires /run/sshd and its own account; both exist only in its mount namespace, so the machine is not changed
SCRIPT = """\
mount -t tmpfs none /run && mkdir -m 755 /run/sshd && mount --bind {accounts} /etc/passwd
LD_LIBRARY_PATH={base}/usr/lib/x86_64-linux-gnu exec {base}/usr/sbin/sshd -D -e -f {config}
"""


@dataclass(frozen=True)
class Sshd:
    """A running server and its login."""

    port: int
    user: str
    key: str
    host_key: str


@contextlib.contextmanager
def sshd(directory: Path) -> Iterator[Sshd]:
    """Run the server until the block ends."""
    for name in ("host", "user"):
        new = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(new, check=True)
    port = _free_port()
    config = directory / "sshd_config"
    config.write_text(CONFIG.format(port=port, directory=directory))
    accounts = directory / "passwd"
    account = next(line for line in (BASE / "etc/passwd").read_text().splitlines() if line.startswith("sshd:"))
    accounts.write_text(f"{Path('/etc/passwd').read_text()}{account}\n")
    with (directory / "sshd.log").open("w") as log:
        script = SCRIPT.format(accounts=accounts, base=BASE, config=config)
        server = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stderr=log)
    try:
        _wait_for(port, directory / "sshd.log")
        yield Sshd(port, getpass.getuser(), (directory / "user").read_text(), (directory / "host.pub").read_text())
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, log: Path) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"sshd does not answer: {log.read_text()}")

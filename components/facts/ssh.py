"""One connection to a host, with its pinned key and the operator's ssh-agent, as pulumi-command connects.

The operator's ssh configuration is ignored: otherwise facts and steps could reach different hosts.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh

from components.errors import HostConnectionError
from components.steps.connection import PINNED, Endpoint

AGENT_SECONDS = 5
# Key types that a host with another key may present, so that the message can contain its fingerprint.
_PRESENTED = (*PINNED, "rsa-sha2-512", "rsa-sha2-256")


class HostRefusedError(Exception):
    """A host, or the bastion before it, answers but denies access."""

    def __init__(self, endpoint: Endpoint, what: str) -> None:
        super().__init__(what)
        self.endpoint, self.what = endpoint, what


class _Pinned(asyncssh.SSHClient):
    """Accepts only the pinned host key, and remembers the key that the host presented."""

    def __init__(self, pinned: asyncssh.SSHKey) -> None:
        self.pinned = pinned
        self.presented: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        """Return whether it is the pinned key."""
        self.presented = key
        return key == self.pinned


@asynccontextmanager
async def agent() -> AsyncIterator[asyncssh.SSHAgentClient]:
    """Connect to the operator's ssh-agent; raises HostConnectionError if there is none or it holds no key."""
    client = await _agent(os.environ.get("SSH_AUTH_SOCK"))
    try:
        yield client
    finally:
        client.close()


async def _agent(path: str | None) -> asyncssh.SSHAgentClient:
    remedy = "start one and add your key: eval $(ssh-agent); ssh-add"
    if not path:
        raise HostConnectionError([f"SSH_AUTH_SOCK: is not set in this shell; {remedy}"])
    try:
        async with asyncio.timeout(AGENT_SECONDS):  # a forwarded agent may hang
            client = await asyncssh.connect_agent(path)
            keys = await client.get_keys()
    except (OSError, ValueError):
        raise HostConnectionError([f"ssh-agent at {path}: does not answer; {remedy}"]) from None
    if not keys:
        raise HostConnectionError([f"ssh-agent at {path}: holds no key; add yours: ssh-add"])
    return client


@asynccontextmanager
async def connect(
    endpoint: Endpoint, keys: asyncssh.SSHAgentClient, tunnel: asyncssh.SSHClientConnection | None = None
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Connect to a host, through a bastion's connection if there is one; raises HostRefusedError."""
    client = _Pinned(asyncssh.import_public_key(endpoint.host_key))
    kind = endpoint.host_key.split()[0]
    try:
        connection = await asyncssh.connect(
            endpoint.address,
            endpoint.port,
            tunnel=tunnel,
            config=None,
            username=endpoint.user,
            client_factory=lambda: client,
            known_hosts=([], [], []),
            server_host_key_algs=list(dict.fromkeys([kind, *_PRESENTED])),
            # New key objects for each connection, because it sets the signature algorithm on them.
            client_keys=list(await keys.get_keys()),
            agent_path=None,
            preferred_auth="publickey",
            compression_algs=["none"],  # a few compressed bytes from a host would become gigabytes here
        )
    except asyncssh.HostKeyNotVerifiable:
        if client.presented == client.pinned:  # the host itself ended the connection with this code
            raise
        raise HostRefusedError(endpoint, _mismatch(client)) from None
    except asyncssh.PermissionDenied:
        what = f"the host rejects the agent's keys for {endpoint.user}; check ssh.user, and ssh-add -l"
        raise HostRefusedError(endpoint, what) from None
    try:
        yield connection
    finally:
        connection.abort()  # a close would wait for the answer of a host that hangs


def _mismatch(client: _Pinned) -> str:
    presented = client.presented.get_fingerprint() if client.presented else "an unreadable key"
    return (
        f"host key mismatch: expected {client.pinned.get_fingerprint()}, got {presented}; if the host was reinstalled,"
        " compare the new key with the host's own and put it into known_hosts; if not, suspect a man-in-the-middle"
        " attack"
    )

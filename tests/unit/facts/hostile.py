"""Hostile hosts: SSH servers on this machine that send the reader what a case defines, and a real ssh-agent.

The user name of the login selects the case, so one server represents all hosts.
"""

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.constants import MSG_DISCONNECT
from asyncssh.packet import String, UInt32

from components.facts.reader import Target
from components.steps.connection import Endpoint

HOST = "127.0.0.1"
QUERY = "the queries\n"
Process = asyncssh.SSHServerProcess[bytes]
Behaviour = Callable[[Process], Awaitable[None]]


def answers(answer: bytes, errors: bytes = b"", *, at_once: bool = False) -> Behaviour:
    """Return a host that reads the queries, answers and ends, like an honest one; with `at_once`, it does not read."""

    async def behave(process: Process) -> None:
        if not at_once:
            await process.stdin.read()
        process.stderr.write(errors)
        process.stdout.write(answer)
        await process.stdout.drain()

    return behave


def repeats(stream: str, part: bytes, pause: float = 0) -> Behaviour:
    """Return a host that endlessly sends a part on "stdout" or "stderr"."""

    async def behave(process: Process) -> None:
        writer = process.stderr if stream == "stderr" else process.stdout
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


def disconnects(code: int, reason: str) -> Behaviour:
    """Return a host that ends the connection with a code and a reason."""

    async def behave(process: Process) -> None:
        await process.stdin.read()
        connection = process.channel.get_connection()
        # not the connection's own `disconnect`, which would close the channel first
        connection.send_packet(MSG_DISCONNECT, UInt32(code), String(reason), String("en"))
        await process.wait_closed()

    return behave


async def silent(process: Process) -> None:
    """Never answer."""
    await process.wait_closed()


async def aborts(process: Process) -> None:
    """Drop the connection in the middle of an answer."""
    await process.stdin.read()
    process.stdout.write(b"deephaven-facts\nclock\t1\n")
    process.channel.get_connection().abort()


class _Server(asyncssh.SSHServer):
    """Accepts the agent's key, unless the case ends before that."""

    def __init__(self, hosts: "Hosts") -> None:
        self.hosts, self.user = hosts, ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        self.user = username
        if username in self.hosts.farewells:
            self.connection.disconnect(*self.hosts.farewells[username])
        else:
            self.connection.send_auth_banner("\x1b[2J a banner that must not be shown\r\n")
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username not in self.hosts.closed and key == self.hosts.key

    def session_requested(self) -> Process:
        if self.user in self.hosts.refusals:
            raise asyncssh.ChannelOpenError(*self.hosts.refusals[self.user])
        return asyncssh.SSHServerProcess(self.hosts.serve, None, 3, False)  # noqa: FBT003 - neither SFTP nor SCP


class Hosts:
    """All hostile hosts: an event loop in its own thread, with servers on ports of this machine.

    By user name, `behaviours` define what a host does once a session is open, `farewells` the code and reason with
    which it disconnects before authentication, and `refusals` those with which it refuses a session. `closed` hosts
    accept no key.
    """

    def __init__(self, key: asyncssh.SSHKey) -> None:
        self.key = key  # the key in the agent
        self.pinned, self.other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        self.behaviours: dict[str, Behaviour] = {}
        self.farewells: dict[str, tuple[int, str]] = {}
        self.refusals: dict[str, tuple[int, str]] = {}
        self.closed: set[str] = set()
        self.ports: dict[str, int] = {}
        self.listeners: list[asyncssh.SSHAcceptor | asyncio.Server] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="hostile")

    def start(self) -> None:
        """Open the ports: one with the pinned host key, one with another, and those of hosts that do not speak SSH."""
        self.thread.start()
        self.ports = {
            "pinned": self._run(self._ssh(self.pinned)),
            "other": self._run(self._ssh(self.other)),
            "closes": self._run(self._tcp(b"")),
            "garbage": self._run(self._tcp(b"\x1b[2J\x00\xff not ssh at all\r\n" * 4096)),
            "mute": self._run(self._tcp(None)),
        }

    def stop(self) -> None:
        """Stop the loop and everything that still runs on it."""
        self._run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    def target(self, user: str, port: str = "pinned") -> Target:
        """Return one host as a target of the reader."""
        endpoint = Endpoint(HOST, self.ports[port], user, self.pinned.export_public_key().decode().strip())
        return Target(label=f"{user} ({user}.lab.internal)", endpoint=endpoint, text=QUERY)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - the result of any coroutine
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    async def _ssh(self, key: asyncssh.SSHKey) -> int:
        listener = await asyncssh.listen(
            HOST, 0, server_host_keys=[key], server_factory=lambda: _Server(self), encoding=None
        )
        self.listeners.append(listener)
        return listener.get_port()

    async def serve(self, process: Process) -> None:
        """Behave as the user name selects, and end."""
        with suppress(OSError, asyncssh.Error):
            await self.behaviours[process.get_extra_info("username")](process)
        process.exit(0)

    async def _tcp(self, text: bytes | None) -> int:
        """Open a port that sends some bytes and closes after the client's first bytes, or one that is silent."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                await reader.read(-1 if text is None else 4096)
                writer.write(text or b"")
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, HOST, 0)
        self.listeners.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        for listener in self.listeners:
            listener.close()
            await listener.wait_closed()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def agent(directory: Path) -> Iterator[tuple[Path, asyncssh.SSHKey]]:
    """Start an ssh-agent with a new key; yield its socket and the public key."""
    socket, key = directory / "agent", asyncssh.generate_private_key("ssh-ed25519")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 5
        while not socket.exists() and time.monotonic() < until:
            time.sleep(0.01)
        env, private = {**os.environ, "SSH_AUTH_SOCK": str(socket)}, key.export_private_key()
        subprocess.run(["ssh-add", "-"], env=env, input=private, capture_output=True, check=True, timeout=5)
        yield socket, key.convert_to_public()
    finally:
        process.terminate()
        process.wait(5)

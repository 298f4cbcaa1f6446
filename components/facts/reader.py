"""Reads all hosts in parallel, each over one connection and within a time limit; no other module opens connections.

Pulumi's event loop runs in the program's thread, so the reader has its own thread and loop.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import asyncssh

from components.errors import HostConnectionError
from components.facts.model import HostFacts, Unreachable
from components.facts.parse import MARKER, UnreadableError, parse
from components.facts.ssh import HostRefusedError, agent, connect
from components.host_text import ANSWER_BYTES, ERROR_BYTES, quoted
from components.steps.connection import Endpoint
from components.steps.script import launcher

STEP = "facts"
_UP = "check that the host is up and can be reached from here"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One host to read: its label in messages, its endpoint, and the text to send."""

    label: str
    endpoint: Endpoint
    text: str


@dataclass(frozen=True, kw_only=True)
class Operator:
    """What all connections share: the operator's agent, and the connection to the bastion once it is open."""

    keys: asyncssh.SSHAgentClient
    bastion: asyncio.Task[asyncssh.SSHClientConnection] | None


def read(targets: Mapping[str, Target], *, limit: float) -> Mapping[str, HostFacts]:
    """Return facts, or the reason why there are none, by the targets' keys; each host has at most `limit` seconds.

    Raises HostConnectionError with a line for each host that answers but denies access: a host key mismatch, a rejected
    login, or a sudo that asks for a password.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="facts") as pool:
        return pool.submit(asyncio.run, _read_all(targets, limit)).result()


async def _read_all(targets: Mapping[str, Target], limit: float) -> Mapping[str, HostFacts]:
    bastion = next((target.endpoint.bastion for target in targets.values()), None)
    async with agent() as keys, AsyncExitStack() as stack:
        first = stack.enter_async_context(connect(bastion, keys)) if bastion else None
        operator = Operator(keys=keys, bastion=asyncio.ensure_future(first) if first else None)
        results = await asyncio.gather(*(_guarded(target, operator, limit) for target in targets.values()))
    refusals = [line for result in results if isinstance(result, HostConnectionError) for line in result.findings]
    if refusals:
        raise HostConnectionError(refusals)
    hosts = zip(targets, results, strict=True)
    return {key: host for key, host in hosts if not isinstance(host, HostConnectionError)}


async def _guarded(target: Target, operator: Operator, limit: float) -> HostFacts | HostConnectionError:
    """Read one host; its failure must not stop the reading of others."""
    try:
        async with asyncio.timeout(limit):
            answer, sent, received = await _read(target, operator)
        # Outside the event loop, which other hosts need, and after the limit, which parsing must not use up.
        return await asyncio.to_thread(parse, answer, sent=sent, received=received)
    except TimeoutError:
        return Unreachable(f"it does not answer within {limit:g} s", _UP)
    except HostRefusedError as error:
        who = target.label if error.endpoint == target.endpoint else "the bastion"
        return HostConnectionError([f"{who}: {error.endpoint.where}: {error.what}"])
    except Exception as error:  # noqa: BLE001 - a host may send data that the library does not expect
        return _unreachable(error)


async def _read(target: Target, operator: Operator) -> tuple[bytes, float, float]:
    """Return a host's answer, with the operator's times before the query and at the beginning of the answer."""
    # all hosts share the bastion's connection, so a host that runs out of time must not cancel it
    tunnel = await asyncio.shield(operator.bastion) if operator.bastion else None
    async with connect(target.endpoint, operator.keys, tunnel) as connection:
        sent = time.time()
        process = await _start(connection)
        with suppress(BrokenPipeError):  # a host may exit without reading and report the reason, as sudo does
            process.stdin.write(target.text.encode())
            process.stdin.write_eof()
        (answer, received), (errors, _) = await asyncio.gather(
            _bounded(process.stdout, ANSWER_BYTES), _bounded(process.stderr, ERROR_BYTES)
        )
    message = errors.decode(errors="replace")
    if not answer and "sudo:" in message:
        raise HostRefusedError(target.endpoint, _sudo(target.endpoint.user, message))
    return answer, sent, received


async def _start(connection: asyncssh.SSHClientConnection) -> asyncssh.SSHClientProcess[bytes]:
    try:
        return await connection.create_process(launcher(STEP), encoding=None, window=ERROR_BYTES)
    except asyncssh.ChannelOpenError as error:  # unlike a bastion that cannot reach a host
        raise UnreadableError(f"it does not open a session: {quoted(error.reason)}") from None


async def _bounded(stream: asyncssh.SSHReader[bytes], limit: int) -> tuple[bytes, float]:
    """Return all bytes of a stream, and when the answer began; raises UnreadableError if there are more than `limit`.

    A login shell may print something before, and take its time for that.
    """
    received = bytearray()
    began = 0.0
    while part := await stream.read(ERROR_BYTES):
        received += part
        if not began and MARKER in received:
            began = time.time()
        if len(received) > limit:
            raise UnreadableError(f"it sends more than {limit // 1024} KiB")
    return bytes(received), began


def _sudo(user: str, message: str) -> str:
    if "password is required" in message:
        return f"sudo asks {user} for a password; allow {user} sudo without one (NOPASSWD)"
    line = next(line for line in message.splitlines() if "sudo:" in line)
    return (
        f"sudo refuses {user} ({quoted(line)}); allow {user} sudo without a password (NOPASSWD) and without a terminal"
    )


def _unreachable(error: Exception) -> Unreachable:
    reason, remedy = f"the connection broke ({type(error).__name__})", _UP
    match error:
        case UnreadableError():
            reason = str(error)
            remedy = "run pulumi again; if that does not help, check what the login shell and sudo bash -s do on it"
            return Unreachable(reason, remedy, answers=True)
        case socket.gaierror():
            reason, remedy = "its name does not resolve here", "correct fqdn or set ssh.address"
        case ConnectionRefusedError():
            reason, remedy = "nothing listens there", "check that the host is up and sshd runs, and ssh.port"
        case asyncssh.ChannelOpenError():
            reason = f"the bastion cannot reach it: {quoted(error.reason)}"
            remedy = "check that the host is up, and ssh.address"
        case asyncssh.Error():
            reason = f"the connection broke: {quoted(error.reason)}"
        case OSError():
            reason = f"it cannot be reached: {quoted(str(error))}"
    return Unreachable(reason, remedy)

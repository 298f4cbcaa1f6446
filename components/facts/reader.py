"""Reads all hosts at once, each over one connection and within its time; the only place that opens connections itself.

Pulumi's event loop runs in the program's thread, so reading has a thread and a loop of its own.
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
from components.facts.parse import UnreadableError, parse
from components.facts.ssh import HostRefusedError, agent, connect
from components.host_text import ANSWER_BYTES, ERROR_BYTES, quoted
from components.steps.connection import Endpoint
from components.steps.script import launcher

STEP = "facts"
_UP = "check that the host is up and can be reached from here"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One host to read: how messages name it, where it is, and what is sent to it."""

    label: str
    endpoint: Endpoint
    text: str


@dataclass(frozen=True, kw_only=True)
class Operator:
    """What all connections share: the operator's agent, and the connection to the bastion once it is made."""

    keys: asyncssh.SSHAgentClient
    bastion: asyncio.Task[asyncssh.SSHClientConnection] | None


def read(targets: Mapping[str, Target], *, limit: float) -> Mapping[str, HostFacts]:
    """Return facts or the reason why there are none, by the targets' keys; no host has more than `limit` seconds.

    Raises HostConnectionError with a line for each host that answers but does not let this program work: another
    host key, a refused login, a sudo that wants a password.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="facts") as pool:
        return pool.submit(asyncio.run, _read_all(targets, limit)).result()


async def _read_all(targets: Mapping[str, Target], limit: float) -> Mapping[str, HostFacts]:
    bastion = next((target.endpoint.bastion for target in targets.values()), None)
    async with agent() as keys, AsyncExitStack() as stack:
        first = stack.enter_async_context(connect(bastion, keys)) if bastion else None
        operator = Operator(keys=keys, bastion=asyncio.ensure_future(first) if first else None)
        found = await asyncio.gather(*(_guarded(target, operator, limit) for target in targets.values()))
    refusals = [line for one in found if isinstance(one, HostConnectionError) for line in one.findings]
    if refusals:
        raise HostConnectionError(refusals)
    return {key: one for key, one in zip(targets, found, strict=True) if not isinstance(one, HostConnectionError)}


async def _guarded(target: Target, operator: Operator, limit: float) -> HostFacts | HostConnectionError:
    """Read one host; what goes wrong with it must not end the reading of others."""
    try:
        async with asyncio.timeout(limit):
            answer, sent, heard = await _read(target, operator)
        # Not on the event loop, which others need, and after the limit, which other hosts' answers must not use up.
        return await asyncio.to_thread(parse, answer, sent=sent, heard=heard)
    except TimeoutError:
        return Unreachable(f"it does not answer within {limit:g} s", _UP)
    except HostRefusedError as error:
        who = target.label if error.endpoint == target.endpoint else "the bastion"
        return HostConnectionError([f"{who}: {error.endpoint.where}: {error.what}"])
    except Exception as error:  # noqa: BLE001 - a host may send what the library does not expect
        return _unreachable(error)


async def _read(target: Target, operator: Operator) -> tuple[bytes, float, float]:
    """Return a host's answer, with the operator's times before the query and at the beginning of the answer."""
    # the bastion's connection is that of all hosts: one that runs out of time does not end it for the others
    tunnel = await asyncio.shield(operator.bastion) if operator.bastion else None
    async with connect(target.endpoint, operator.keys, tunnel) as connection:
        sent = time.time()
        process = await _start(connection)
        with suppress(BrokenPipeError):  # a host may exit without reading and report why, as sudo does
            process.stdin.write(target.text.encode())
            process.stdin.write_eof()
        (answer, heard), (errors, _) = await asyncio.gather(
            _bounded(process.stdout, ANSWER_BYTES), _bounded(process.stderr, ERROR_BYTES)
        )
    said = errors.decode(errors="replace")
    if not answer and "sudo:" in said:
        raise HostRefusedError(target.endpoint, _sudo(target.endpoint.user, said))
    return answer, sent, heard


async def _start(connection: asyncssh.SSHClientConnection) -> asyncssh.SSHClientProcess[bytes]:
    try:
        return await connection.create_process(launcher(STEP), encoding=None, window=ERROR_BYTES)
    except asyncssh.ChannelOpenError as error:  # not to be confused with a bastion that does not reach a host
        raise UnreadableError(f"it opens no session: {quoted(error.reason)}") from None


async def _bounded(stream: asyncssh.SSHReader[bytes], most: int) -> tuple[bytes, float]:
    """Return what a stream gives to its end, and when it began; raises UnreadableError when that is too much."""
    parts: list[bytes] = []
    began, size = 0.0, 0
    while part := await stream.read(ERROR_BYTES):
        began = began or time.time()
        parts.append(part)
        size += len(part)
        if size > most:
            raise UnreadableError(f"it sends more than {most // 1024} KiB")
    return b"".join(parts), began


def _sudo(user: str, said: str) -> str:
    if "password is required" in said:
        return f"sudo asks {user} for a password; allow {user} sudo without one (NOPASSWD)"
    line = next(line for line in said.splitlines() if "sudo:" in line)
    return f"sudo refuses {user} ({quoted(line)}); allow {user} sudo without a password (NOPASSWD) and a terminal"


def _unreachable(error: Exception) -> Unreachable:
    reason, remedy = f"the connection broke ({type(error).__name__})", _UP
    match error:
        case UnreadableError():
            reason = str(error)
            remedy = "run pulumi again; if it stays so, see what sudo bash prints there on its own"
        case socket.gaierror():
            reason, remedy = "its name does not resolve here", "correct fqdn or set ssh.address"
        case ConnectionRefusedError():
            reason, remedy = "nothing listens there", "check that the host is up and sshd runs, and ssh.port"
        case asyncssh.ChannelOpenError():
            reason = f"the bastion does not reach it: {quoted(error.reason)}"
            remedy = "check that the host is up; see ssh.address"
        case asyncssh.Error():
            reason = f"the connection broke: {quoted(error.reason)}"
        case OSError():
            reason = f"it cannot be reached: {quoted(str(error))}"
    return Unreachable(reason, remedy)

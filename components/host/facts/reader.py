"""Reads all hosts at once, each over one connection and within its time; the only place that opens connections itself.

Pulumi's event loop runs in the program's thread, so reading has a thread and a loop of its own.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncssh

from components.host.connection import Endpoint
from components.host.facts.model import Facts, HostFacts, Unknown
from components.host.facts.parse import UnreadableError, parse
from components.host.facts.ssh import RefusedError, agent, connect
from components.host.script import launcher
from components.topology.errors import ConnectionRefusal

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
    """Return facts or the reason why there are none, by the targets' keys; no host takes longer than `limit` seconds.

    Raises ConnectionRefusal with a line for each host that answers but does not let this program work: another
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
    refusals = [line for one in found if isinstance(one, ConnectionRefusal) for line in one.findings]
    if refusals:
        raise ConnectionRefusal(refusals)
    return {key: one for key, one in zip(targets, found, strict=True) if not isinstance(one, ConnectionRefusal)}


async def _guarded(target: Target, operator: Operator, limit: float) -> HostFacts | ConnectionRefusal:
    """Read one host; what goes wrong with it must not end the reading of others."""
    try:
        async with asyncio.timeout(limit):
            return await _read(target, operator)
    except TimeoutError:
        return Unknown(f"it does not answer within {limit:g} s", _UP)
    except RefusedError as error:
        who = target.label if error.endpoint == target.endpoint else "the bastion"
        return ConnectionRefusal([f"{who}: {error.endpoint.where}: {error.what}"])
    except (OSError, asyncssh.Error, UnreadableError) as error:
        return _unreachable(error)


async def _read(target: Target, operator: Operator) -> Facts:
    # the bastion's connection is that of all hosts: one that runs out of time does not end it for the others
    tunnel = await asyncio.shield(operator.bastion) if operator.bastion else None
    async with connect(target.endpoint, operator.keys, tunnel) as connection:
        sent = time.time()
        process = await connection.create_process(launcher(STEP), encoding="utf-8", errors="replace")
        process.stdin.write(target.text)
        process.stdin.write_eof()
        first = await process.stdout.readline()
        heard = time.time()
        rest, said = await asyncio.gather(process.stdout.read(), process.stderr.read())
    if not first and "sudo:" in said:
        raise RefusedError(target.endpoint, _sudo(target.endpoint.user, said))
    return parse(first + rest, sent=sent, heard=heard)


def _sudo(user: str, said: str) -> str:
    if "password is required" in said:
        return f"sudo asks {user} for a password; allow {user} sudo without one (NOPASSWD)"
    line = next(line for line in said.splitlines() if "sudo:" in line)
    return f"sudo refuses {user} ({line[:120].strip()}); allow {user} sudo without a password (NOPASSWD) and a terminal"


def _unreachable(error: Exception) -> Unknown:
    match error:
        case UnreadableError():
            return Unknown(str(error), "run pulumi again; if it stays so, see what sudo bash prints there on its own")
        case socket.gaierror():
            return Unknown("its name does not resolve here", "correct fqdn or set ssh.address")
        case ConnectionRefusedError():
            return Unknown("nothing listens there", "check that the host is up and sshd runs, and ssh.port")
        case asyncssh.ChannelOpenError():
            return Unknown(
                f"the bastion does not reach it: {error.reason}", "check that the host is up; see ssh.address"
            )
        case asyncssh.Error():
            return Unknown(f"the connection broke: {error.reason}", _UP)
        case _:
            return Unknown(f"it cannot be reached: {error}", _UP)

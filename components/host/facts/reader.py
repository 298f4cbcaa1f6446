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
from components.host.facts.ssh import WrongHostKeyError, agent, connect
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

    @property
    def where(self) -> str:
        """How a message about its connection begins."""
        return f"{self.label}: at {self.endpoint.address} port {self.endpoint.port}"


def read(targets: Mapping[str, Target], *, limit: float) -> Mapping[str, HostFacts]:
    """Return facts or the reason why there are none, by the targets' keys; no host takes longer than `limit` seconds.

    Raises ConnectionRefusal with a line for each host that answers but does not let this program work: another
    host key, a refused login, a sudo that wants a password.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="facts") as pool:
        return pool.submit(asyncio.run, _read_all(targets, limit)).result()


async def _read_all(targets: Mapping[str, Target], limit: float) -> Mapping[str, HostFacts]:
    async with agent() as keys:
        found = await asyncio.gather(*(_guarded(target, keys, limit) for target in targets.values()))
    refusals = [line for one in found if isinstance(one, ConnectionRefusal) for line in one.findings]
    if refusals:
        raise ConnectionRefusal(refusals)
    return {key: one for key, one in zip(targets, found, strict=True) if not isinstance(one, ConnectionRefusal)}


async def _guarded(target: Target, keys: asyncssh.SSHAgentClient, limit: float) -> HostFacts | ConnectionRefusal:
    """Read one host; what goes wrong with it must not end the reading of others."""
    try:
        async with asyncio.timeout(limit):
            return await _read(target, keys)
    except TimeoutError:
        return Unknown(f"it does not answer within {limit:g} s", _UP)
    except ConnectionRefusal as refusal:
        return refusal
    except WrongHostKeyError as error:
        return ConnectionRefusal([_wrong_key(target, error)])
    except asyncssh.PermissionDenied:
        user = target.endpoint.user
        what = f"it does not accept the agent's keys for {user}; check ssh.user, and ssh-add -l"
        return ConnectionRefusal([f"{target.where}: {what}"])
    except (OSError, asyncssh.Error, UnreadableError) as error:
        return _unreachable(error)


async def _read(target: Target, keys: asyncssh.SSHAgentClient) -> Facts:
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connect(target.endpoint, keys))
        sent = time.time()
        process = await connection.create_process(launcher(STEP), encoding="utf-8", errors="replace")
        process.stdin.write(target.text)
        process.stdin.write_eof()
        first = await process.stdout.readline()
        heard = time.time()
        rest, said = await asyncio.gather(process.stdout.read(), process.stderr.read())
    if not first and "sudo:" in said:
        raise ConnectionRefusal([f"{target.where}: {_sudo(target.endpoint.user, said)}"])
    return parse(first + rest, sent=sent, heard=heard)


def _sudo(user: str, said: str) -> str:
    if "password is required" in said:
        return f"sudo asks {user} for a password; allow {user} sudo without one (NOPASSWD)"
    line = next(line for line in said.splitlines() if "sudo:" in line)
    return f"sudo refuses {user} ({line[:120].strip()}); allow {user} sudo without a password (NOPASSWD) and a terminal"


def _wrong_key(target: Target, error: WrongHostKeyError) -> str:
    return (
        f"{target.where}: another host key answers than the one in known_hosts: pinned is {error.pinned}, presented"
        f" is {error.presented}; if the host was installed anew, compare the presented one with the host's own and"
        " put its new key there; if not, someone may be in between"
    )


def _unreachable(error: Exception) -> Unknown:
    match error:
        case UnreadableError():
            return Unknown(str(error), "run pulumi again; if it stays so, see what sudo bash prints there on its own")
        case socket.gaierror():
            return Unknown("its name does not resolve here", "correct fqdn or set ssh.address")
        case ConnectionRefusedError():
            return Unknown("nothing listens there", "check that the host is up and sshd runs, and ssh.port")
        case asyncssh.Error():
            return Unknown(f"the connection broke: {error.reason}", _UP)
        case _:
            return Unknown(f"it cannot be reached: {error}", _UP)

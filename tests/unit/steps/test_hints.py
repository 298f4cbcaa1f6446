"""Hints for failed connections: host, address, what is wrong, what to do."""

import pytest

from components.steps.connection import Endpoint
from components.steps.hints import REMEDIES, hint

HOST = "infra (h1.lab.internal)"
ENDPOINT = Endpoint("h1.lab.internal", 22, "centos", "ssh-ed25519 AAAA")
# Errors as the engine passes them to hooks.
ERRORS = {
    "after 3 failed attempts: ssh: handshake failed: ssh: host key mismatch": "host key mismatch",
    "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none], no supported": "no key was offered",
    "ssh: unable to authenticate, attempted methods [none publickey], no": "rejects the agent's keys for centos",
    "dial unix /tmp/agent: connect: no such file or directory": "the ssh-agent does not answer",
    "after 3 failed attempts: dial tcp 10.77.0.11:22: connect: connection refused": "nothing listens there",
    "after 3 failed attempts: dial tcp 10.77.0.11:22: i/o timeout": "it does not answer",
    "dial tcp 10.77.0.11:22: connect: no route to host": "it cannot be reached",
    "dial tcp: lookup h1.lab.internal: no such host": "its name does not resolve here",
    'Process exited with status 1: running "sudo -n bash -s -- x":\nsudo: a password is required': "sudo asks centos",
    "Process exited with status 1:\nsudo: sorry, you must have a tty to run sudo": "sudo requires a terminal",
    "error receiving version packet from server: packet too long": "prints text where SFTP begins",
    "ssh: subsystem request failed": "sshd has no SFTP",
    "wait: remote command exited without exit status or exit signal": "the connection broke",
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_explained_in_one_line(error: str) -> None:
    line = hint(error, host=HOST, endpoint=ENDPOINT)
    assert line is not None
    assert line.startswith("infra (h1.lab.internal): at h1.lab.internal port 22: ")
    assert ERRORS[error] in line
    assert "; " in line
    assert "\n" not in line
    assert "{" not in line


def test_every_remedy_is_reached() -> None:
    assert len(ERRORS) == len(REMEDIES)
    assert all(any(part in error for error in ERRORS) for part, _, _ in REMEDIES)


@pytest.mark.parametrize(
    "error",
    [
        'Process exited with status 1: running "sudo -n bash -s -- x":\ninfra (h1.lab.internal): step x: i/o timeout',
        'Process exited with status 7: running "sudo -n bash -s -- x":\nsomething else',
    ],
)
def test_an_error_of_a_step_and_an_unknown_error_have_no_hint(error: str) -> None:
    assert hint(error, host=HOST, endpoint=ENDPOINT) is None

"""A client of etcd's JSON gateway, over TLS with the client configuration that config_generator.sh wrote."""

import base64
import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import vocabulary

CLIENT = vocabulary.CONF / "etcd/client/root"
NOT_ENABLED = "authentication is not enabled"


class EtcdError(Exception):
    """An error of etcd, or of the connection to it."""


@dataclass(frozen=True)
class Entry:
    """A value with the revision that wrote it."""

    value: str
    revision: int


def code(text: str) -> str:
    """Return text in the gateway's encoding, base64."""
    return base64.b64encode(text.encode()).decode()


class Etcd:
    """The cluster, accessed through the first member that answers."""

    def __init__(self, directory: Path = CLIENT) -> None:
        self._directory = directory
        self._token = ""
        try:
            self._context = ssl.create_default_context(cafile=str(directory / "cacert"))
            self._context.load_cert_chain(directory / "cert", directory / "key")
            self._endpoints = [urlsplit(url) for url in self._read("endpoints").split(",")]
        except OSError as problem:
            raise EtcdError(f"{directory}: no usable etcd client configuration: {problem}") from problem

    def _read(self, name: str) -> str:
        return (self._directory / name).read_text().strip()

    def account(self) -> tuple[str, str]:
        """Return the user and the password of the client configuration."""
        return self._read("user"), self._read("password")

    def login(self) -> bool:
        """Log in; return False if the cluster has no authentication yet."""
        user, password = self.account()
        try:
            self._token = str(self.call("auth/authenticate", {"name": user, "password": password})["token"])
        except EtcdError as problem:
            if NOT_ENABLED not in str(problem):
                raise
            return False
        return True

    def require_login(self) -> None:
        """Log in; raise EtcdError if the cluster is not initialized."""
        if not self.login():
            raise EtcdError(f"{NOT_ENABLED}: run admin_init.sh first")

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a request to the first reachable member."""
        problems = []
        for endpoint in self._endpoints:
            try:
                status, answer = self._send(endpoint.hostname or "", endpoint.port or 0, path, body)
            except (OSError, http.client.HTTPException, ValueError) as problem:
                problems.append(f"{endpoint.netloc}: {problem}")
                continue
            if status != http.client.OK:
                raise EtcdError(str(answer.get("error", answer)))
            return answer
        raise EtcdError("no etcd member answers: " + "; ".join(problems))

    def _send(self, host: str, port: int, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPSConnection(host, port, context=self._context, timeout=5)
        try:
            headers = {"Authorization": self._token} if self._token else {}
            connection.request("POST", f"/v3/{path}", json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def put(self, key: str, value: str) -> int:
        """Write a key and return the cluster's new revision."""
        return int(self.call("kv/put", {"key": code(key), "value": code(value)})["header"]["revision"])

    def prefix(self, prefix: str) -> dict[str, Entry]:
        """Return every key that begins with ``prefix``."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        answer = self.call("kv/range", {"key": code(prefix), "range_end": code(end)})
        return {
            base64.b64decode(kv["key"]).decode(): Entry(
                base64.b64decode(kv.get("value", "")).decode(), int(kv["mod_revision"])
            )
            for kv in answer.get("kvs", [])
        }

"""What each kind of service answers."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from . import needs, settings, vocabulary
from .settings import DependencyDownError, Settings

Answer = tuple[int, str, bytes]
NOT_FOUND: Answer = (404, "application/json", b'{"error": "no such page"}')
IDE = b"<!DOCTYPE html><title>Deephaven Web IDE</title><p>This is a test double; there is nothing to log in to.</p>"


class Pages:
    """The pages of one service, and what it learned when it started."""

    def __init__(self, name: str, kind: str, known: Settings, log: Callable[[str], None]) -> None:
        self._name, self._kind, self._known, self._log = name, kind, known, log
        self._started = datetime.now(UTC).isoformat()

    def status(self) -> Answer:
        """Say which build runs and what it knows."""
        return as_json(
            {
                "service": self._name,
                "build": vocabulary.BUILD,
                "endpoints_revision": self._known.endpoints_revision,
                "query_servers": self._known.hosts("RemoteQueryDispatcher.query"),
                "started": self._started,
            }
        )

    def get(self, path: str) -> Answer:
        """Answer a page of this kind of service."""
        if path == "/status":
            return self.status()
        if self._kind == "config" and path.startswith(("/properties", "/files/")):
            return self._configuration(path)
        if path.rstrip("/") == "/iriside" and self._kind == "web":
            return 200, "text/html", IDE
        return NOT_FOUND

    def post(self, path: str) -> Answer:
        """Let the controller read its list of query servers anew."""
        if path != "/reload" or self._kind != "controller":
            return NOT_FOUND
        try:
            self._known = settings.from_server()
        except DependencyDownError as problem:
            return as_json({"error": str(problem)}, 503)
        self._log(f"reloaded endpoints of etcd revision {self._known.endpoints_revision}")
        return self.status()

    def _configuration(self, path: str) -> Answer:
        """Give what is in etcd now; the configuration server keeps no copy."""
        try:
            if path == "/properties":
                return 200, "application/json", settings.from_etcd().encoded()
            found = settings.read_etcd().get(settings.PROPERTIES + path.removeprefix("/files/"))
            return as_json({"text": found.value}) if found else NOT_FOUND
        except DependencyDownError as problem:
            self._log(str(problem))
            return as_json({"error": str(problem)}, 503)

    def watch(self) -> None:
        """As configuration server, try to reach the authentication server until it answers."""
        if self._kind == "config":
            threading.Thread(target=self._await_auth, daemon=True).start()

    def _await_auth(self) -> None:
        pause = threading.Event()
        while True:
            try:
                needs.auth(settings.from_etcd())
            except DependencyDownError as problem:
                self._log(f"will retry: {problem}")
                pause.wait(2)
            else:
                self._log("authentication server is reachable")
                return


def as_json(value: dict[str, object], status: int = 200) -> Answer:
    """Give a value as an answer."""
    return status, "application/json", json.dumps(value).encode()

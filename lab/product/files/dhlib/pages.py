"""The HTTP answers of each kind of service."""

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
    """The pages of one service, with the settings that it started with."""

    def __init__(self, name: str, kind: str, current: Settings, log: Callable[[str], None]) -> None:
        self._name, self._kind, self._current, self._log = name, kind, current, log
        self._started = datetime.now(UTC).isoformat()

    def status(self) -> Answer:
        """Return the running build and the settings that it uses."""
        return as_json(
            {
                "service": self._name,
                "build": vocabulary.BUILD,
                "endpoints_revision": self._current.endpoints_revision,
                "query_servers": self._current.hosts("RemoteQueryDispatcher.query"),
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
        """Reload the controller's list of query servers."""
        if path != "/reload" or self._kind != "controller":
            return NOT_FOUND
        try:
            self._current = settings.from_server()
        except DependencyDownError as problem:
            return as_json({"error": str(problem)}, 503)
        self._log(f"reloaded endpoints of etcd revision {self._current.endpoints_revision}")
        return self.status()

    def _configuration(self, path: str) -> Answer:
        """Return the current content of etcd; the configuration server keeps no copy."""
        try:
            if path == "/properties":
                return 200, "application/json", settings.from_etcd().encoded()
            entry = settings.read_etcd().get(settings.PROPERTIES + path.removeprefix("/files/"))
            return as_json({"text": entry.value}) if entry else NOT_FOUND
        except DependencyDownError as problem:
            self._log(str(problem))
            return as_json({"error": str(problem)}, 503)

    def watch(self) -> None:
        """On a configuration server, try to reach the authentication server until it answers."""
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
    """Return a value as a JSON answer."""
    return status, "application/json", json.dumps(value).encode()

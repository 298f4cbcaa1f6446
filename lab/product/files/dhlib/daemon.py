"""A running service: checks its requirements, reports that it is ready, then answers on its port."""

import os
import sys
from datetime import UTC, datetime
from typing import NoReturn

from . import needs, update_service, vocabulary
from .kinds import KINDS
from .pages import Pages
from .serving import serve
from .settings import DependencyDownError, Settings


class Log:
    """The service's own log file."""

    def __init__(self, directory: str, prefix: str) -> None:
        self._path = vocabulary.LOGS / directory / f"{prefix}.log.current"

    def __call__(self, text: str) -> None:
        """Write one line."""
        with self._path.open("a") as file:
            file.write(f"[{datetime.now(UTC).isoformat()}] - INFO - {text}\n")


def fail(name: str, ready: int, log: Log, problem: Exception) -> NoReturn:
    """Report why the service cannot start, and exit."""
    log(f"cannot start: {problem}")
    print(f"{name} cannot start: {problem}", flush=True)
    os.write(ready, str(problem).encode())
    sys.exit(1)


def started(name: str, ready: int, log: Log, settings: Settings) -> None:
    """Report that the service is ready, with the revision of its endpoints."""
    log(f"started build {vocabulary.BUILD} with endpoints of etcd revision {settings.endpoints_revision}")
    print(f"{name} started, build {vocabulary.BUILD}", flush=True)
    os.write(ready, b"ready")
    os.close(ready)


def run(name: str, ready: int) -> None:
    """Serve until the process is stopped."""
    kind = vocabulary.kind_of(name)
    service = vocabulary.service(kind)
    log = Log(service.log, KINDS[kind].prefix)
    try:
        settings = needs.wait_for(KINDS[kind].needs)
        if kind == "cus":
            update_service.rebuild(settings)
        else:
            pages = Pages(name, kind, settings, log)
            server = serve(kind, service.port, pages)
    except (DependencyDownError, OSError) as problem:
        fail(name, ready, log, problem)
    started(name, ready, log, settings)
    if kind == "cus":
        update_service.exec_lighttpd()
    pages.watch()
    server.serve_forever()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))

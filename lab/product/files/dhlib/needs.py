"""Checks the start requirements of services against the running cluster."""

import base64
import http.client
import shutil
import socket
import threading
import time

from . import mysql, settings, vocabulary
from .settings import DependencyDownError, Settings

TIMEOUT = 2.0


def auth(current: Settings) -> None:
    """Require one authentication server that answers."""
    problems = []
    port = current.port("AuthenticationServer")
    for host in current.hosts("AuthenticationServer"):
        try:
            settings.ask(host, port, "/status", server_name="authserver")
        except (OSError, ValueError, http.client.HTTPException) as problem:
            problems.append(f"{host}:{port}: {problem}")
        else:
            return
    raise DependencyDownError("authentication server: " + "; ".join(problems))


def database(current: Settings) -> None:
    """Require at least one account in the ACL database."""
    host = current.properties.get("MysqlDbAclProvider.host", "")
    try:
        password = base64.b64decode((vocabulary.AUTH / ".dbacl_passphrase").read_text()).decode().strip()
        user = current.properties["MysqlDbAclProvider.user"]
        count = int(mysql.first_value(host, user, password, "SELECT COUNT(*) FROM dbacl_iris.users"))
    except (OSError, KeyError, mysql.MysqlError) as problem:
        raise DependencyDownError(f"ACL database on {host}: {problem}") from problem
    if not count:
        raise DependencyDownError(f"ACL database on {host}: it has no accounts")


def connector(_current: Settings) -> None:
    """Require the MySQL connector in the directory of local jars."""
    if not list((vocabulary.SITE / "java_lib").glob("mysql-connector-java*.jar")):
        raise DependencyDownError(f"no MySQL connector in {vocabulary.SITE}/java_lib")


def routing(current: Settings) -> None:
    """Require this host in the data routing."""
    if socket.getfqdn() not in current.routing:
        raise DependencyDownError(f"the data routing in etcd names no data import server on {socket.getfqdn()}")


CHECKS = {"auth": auth, "database": database, "connector": connector, "routing": routing}


def wait_for(required: tuple[str, ...]) -> Settings:
    """Return the settings once all requirements are met; retry for a moment, because services may be starting.

    Giving up earlier would not help: monit waits until its timeout for a start that failed.
    """
    deadline, pause = time.monotonic() + TIMEOUT, threading.Event()
    while True:
        try:
            return require(required)
        except DependencyDownError:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.2)


def require(required: tuple[str, ...]) -> Settings:
    """Return the settings; raise DependencyDownError if a requirement is not met."""
    if not shutil.which("java"):
        raise DependencyDownError("no Java found")
    current = settings.from_etcd() if "etcd" in required else settings.from_server()
    for need in required:
        if need in CHECKS:
            CHECKS[need](current)
    return current

"""What services cannot start without, each looked at for real."""

import base64
import http.client
import shutil
import socket
import threading
import time

from . import mysql, settings, vocabulary
from .settings import DependencyDownError, Settings

PATIENCE = 2.0


def auth(known: Settings) -> None:
    """Want one authentication server that answers."""
    problems = []
    port = known.port("AuthenticationServer")
    for host in known.hosts("AuthenticationServer"):
        try:
            settings.ask(host, port, "/status", known_as="authserver")
        except (OSError, ValueError, http.client.HTTPException) as problem:
            problems.append(f"{host}:{port}: {problem}")
        else:
            return
    raise DependencyDownError("authentication server: " + "; ".join(problems))


def database(known: Settings) -> None:
    """Want the ACL database to know at least one account."""
    host = known.properties.get("MysqlDbAclProvider.host", "")
    try:
        password = base64.b64decode((vocabulary.AUTH / ".dbacl_passphrase").read_text()).decode().strip()
        user = known.properties["MysqlDbAclProvider.user"]
        count = int(mysql.first_value(host, user, password, "SELECT COUNT(*) FROM dbacl_iris.users"))
    except (OSError, KeyError, mysql.MysqlError) as problem:
        raise DependencyDownError(f"ACL database on {host}: {problem}") from problem
    if not count:
        raise DependencyDownError(f"ACL database on {host}: it holds no accounts")


def connector(_known: Settings) -> None:
    """Want the MySQL connector among the site's jars."""
    if not list((vocabulary.SITE / "java_lib").glob("mysql-connector-java*.jar")):
        raise DependencyDownError(f"no MySQL connector in {vocabulary.SITE}/java_lib")


def routing(known: Settings) -> None:
    """Want the data routing to name this host."""
    if socket.getfqdn() not in known.routing:
        raise DependencyDownError(f"the data routing in etcd names no data import server on {socket.getfqdn()}")


CHECKS = {"auth": auth, "database": database, "connector": connector, "routing": routing}


def settle(wanted: tuple[str, ...]) -> Settings:
    """Get what is wanted, with a little patience for what is just starting.

    Monit waits out its time limit for a start that failed, so giving up earlier would not let it go on earlier.
    """
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while True:
        try:
            return settle_now(wanted)
        except DependencyDownError:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.2)


def settle_now(wanted: tuple[str, ...]) -> Settings:
    """Get the settings and check everything else that is wanted."""
    if not shutil.which("java"):
        raise DependencyDownError("no Java found")
    known = settings.from_etcd() if "etcd" in wanted else settings.from_server()
    for need in wanted:
        if need in CHECKS:
            CHECKS[need](known)
    return known

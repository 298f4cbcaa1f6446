"""The settings services start with: from etcd for the configuration server, from that server for all others."""

import http.client
import json
import ssl
from dataclasses import asdict, dataclass
from typing import Any

from . import vocabulary
from .etcd import Entry, Etcd, EtcdError

CLIENTS = vocabulary.CONF / "dh-config/clients"
PROPERTIES = "/dh/properties/"
ROUTING = "/dh/routing/routing_service.yml"
ORDER = ("iris-defaults.prop", "iris-endpoints.prop", "iris-environment.prop")


class DependencyDownError(Exception):
    """Something a service needs is not there."""


@dataclass(frozen=True)
class Settings:
    """One state of the configuration."""

    endpoints_revision: int
    properties: dict[str, str]
    routing: str

    def hosts(self, endpoint: str) -> list[str]:
        """Give the hosts of a service."""
        value = self.properties.get(f"{endpoint}.hosts") or self.properties.get(f"{endpoint}.host") or ""
        return [host for host in value.split(",") if host]

    def port(self, endpoint: str) -> int:
        """Give the port of a service."""
        return int(self.properties[f"{endpoint}.port"])

    def encoded(self) -> bytes:
        """Give the state as it travels."""
        return json.dumps(asdict(self)).encode()


def parse(text: str) -> dict[str, str]:
    """Read the lines of a property file."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def read_etcd() -> dict[str, Entry]:
    """Read everything that is in etcd."""
    try:
        etcd = Etcd()
        etcd.login()
        return etcd.prefix("/dh/")
    except EtcdError as problem:
        raise DependencyDownError(f"etcd: {problem}") from problem


def from_etcd() -> Settings:
    """Read the configuration out of etcd."""
    found = read_etcd()
    if PROPERTIES + "iris-endpoints.prop" not in found or ROUTING not in found:
        raise DependencyDownError("etcd holds no endpoints or no routing: run config_import.sh")
    properties: dict[str, str] = {}
    for name in ORDER:
        if PROPERTIES + name in found:
            properties |= parse(found[PROPERTIES + name].value)
    return Settings(found[PROPERTIES + "iris-endpoints.prop"].revision, properties, found[ROUTING].value)


def servers() -> tuple[list[str], int]:
    """Say where the configuration servers are, as dh_config_server_init.sh wrote it."""
    try:
        port = int((CLIENTS / "single/port").read_text())
        first = (CLIENTS / "single/host").read_text().strip()
    except OSError as problem:
        raise DependencyDownError(f"no configuration server known: {problem}") from problem
    several = CLIENTS / "multi/hosts"
    others = several.read_text().split() if several.exists() else []
    return [first, *(host for host in others if host != first)], port


def from_server() -> Settings:
    """Get the configuration from a configuration server."""
    return Settings(**ask_servers("/properties"))


def file_from_server(name: str) -> str:
    """Get the text of one property file from a configuration server."""
    return str(ask_servers(f"/files/{name}")["text"])


def ask_servers(path: str) -> dict[str, Any]:
    """Ask the configuration servers in turn."""
    hosts, port = servers()
    problems = []
    for host in hosts:
        try:
            return ask(host, port, path)
        except (OSError, ValueError, http.client.HTTPException) as problem:
            problems.append(f"{host}:{port}: {problem}")
    raise DependencyDownError("configuration server: " + "; ".join(problems))


def ask(host: str, port: int, path: str, known_as: str = "") -> dict[str, Any]:
    """Fetch a JSON answer from a service, whose certificate must be in the truststore and name it."""
    context = ssl.create_default_context(cafile=str(CLIENTS / "single/cacert"))
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=5)
    if known_as:
        plain = http.client.HTTPConnection(host, port, timeout=5)
        plain.connect()
        connection.sock = context.wrap_socket(plain.sock, server_hostname=known_as)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(answer.get("error", response.reason))
    return answer

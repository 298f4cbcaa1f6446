"""The settings of services: the configuration server reads them from etcd, all others from that server."""

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
    """A requirement of a service is not met."""


@dataclass(frozen=True)
class Settings:
    """The configuration at one revision of etcd."""

    endpoints_revision: int
    properties: dict[str, str]
    routing: str

    def hosts(self, endpoint: str) -> list[str]:
        """Return the hosts of a service."""
        value = self.properties.get(f"{endpoint}.hosts") or self.properties.get(f"{endpoint}.host") or ""
        return [host for host in value.split(",") if host]

    def port(self, endpoint: str) -> int:
        """Return the port of a service."""
        return int(self.properties[f"{endpoint}.port"])

    def encoded(self) -> bytes:
        """Return the settings as JSON."""
        return json.dumps(asdict(self)).encode()


def parse(text: str) -> dict[str, str]:
    """Return the entries of a property file."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def read_etcd() -> dict[str, Entry]:
    """Return all entries of etcd."""
    try:
        etcd = Etcd()
        etcd.login()
        return etcd.prefix("/dh/")
    except EtcdError as problem:
        raise DependencyDownError(f"etcd: {problem}") from problem


def from_etcd() -> Settings:
    """Return the configuration in etcd."""
    entries = read_etcd()
    if PROPERTIES + "iris-endpoints.prop" not in entries or ROUTING not in entries:
        raise DependencyDownError("etcd holds no endpoints or no routing: run config_import.sh")
    properties: dict[str, str] = {}
    for name in ORDER:
        if PROPERTIES + name in entries:
            properties |= parse(entries[PROPERTIES + name].value)
    return Settings(entries[PROPERTIES + "iris-endpoints.prop"].revision, properties, entries[ROUTING].value)


def servers() -> tuple[list[str], int]:
    """Return the hosts and the port of the configuration servers, as dh_config_server_init.sh wrote them."""
    try:
        port = int((CLIENTS / "single/port").read_text())
        first = (CLIENTS / "single/host").read_text().strip()
    except OSError as problem:
        raise DependencyDownError(f"no configuration server configured: {problem}") from problem
    several = CLIENTS / "multi/hosts"
    others = several.read_text().split() if several.exists() else []
    return [first, *(host for host in others if host != first)], port


def from_server() -> Settings:
    """Return the configuration from a configuration server."""
    return Settings(**ask_servers("/properties"))


def file_from_server(name: str) -> str:
    """Return the text of one property file from a configuration server."""
    return str(ask_servers(f"/files/{name}")["text"])


def ask_servers(path: str) -> dict[str, Any]:
    """Return the answer of the first configuration server that answers."""
    hosts, port = servers()
    problems = []
    for host in hosts:
        try:
            return ask(host, port, path)
        except (OSError, ValueError, http.client.HTTPException) as problem:
            problems.append(f"{host}:{port}: {problem}")
    raise DependencyDownError("configuration server: " + "; ".join(problems))


def ask(host: str, port: int, path: str, server_name: str = "") -> dict[str, Any]:
    """Return the JSON answer of a service, whose certificate must be in the truststore and contain its name."""
    context = ssl.create_default_context(cafile=str(CLIENTS / "single/cacert"))
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=5)
    if server_name:
        plain = http.client.HTTPConnection(host, port, timeout=5)
        plain.connect()
        connection.sock = context.wrap_socket(plain.sock, server_hostname=server_name)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(answer.get("error", response.reason))
    return answer

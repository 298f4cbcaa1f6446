"""The HTTP server of a service, with TLS for the kinds that use it in the product."""

import base64
import ssl
import subprocess
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import vocabulary
from .pages import Answer, Pages

KEYSTORES = {
    "config": ("keystore.configuration_server.p12", ".configuration_server_passphrase"),
    "auth": ("keystore.authserver.p12", ".auth_passphrase"),
    "web": ("keystore.webserver.p12", ".webserver_passphrase"),
}


def context(kind: str) -> ssl.SSLContext:
    """Return a TLS context with a service's keystore; its PEM form exists only while it is loaded."""
    keystore, passphrase = (vocabulary.AUTH / name for name in KEYSTORES[kind])
    result = subprocess.run(
        ["openssl", "pkcs12", "-in", str(keystore), "-nodes", "-passin", "stdin"],
        input=base64.b64decode(passphrase.read_text()),
        capture_output=True,
        check=False,
    )
    if result.returncode:
        raise OSError(f"{keystore}: {result.stderr.decode().strip()}")
    loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(prefix="dh") as file:
        file.write(result.stdout)
        file.flush()
        loaded.load_cert_chain(file.name)
    return loaded


class Server(ThreadingHTTPServer):
    """A server whose connections end with the process."""

    daemon_threads = True
    request_queue_size = 64


def serve(kind: str, port: int, pages: Pages) -> Server:
    """Open the port; TLS handshakes run in the connection's own thread."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def _answer(self, answer: Answer) -> None:
            status, media, body = answer
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._answer(pages.get(self.path))

        def do_POST(self) -> None:
            self._answer(pages.post(self.path))

        def log_message(self, *_args: object) -> None:
            """Keep requests out of the log."""

    server = Server(("", port), Handler)
    if kind in KEYSTORES:
        server.socket = context(kind).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server

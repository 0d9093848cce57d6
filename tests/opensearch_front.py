"""A server before a node of OpenSearch: TLS, a login, a note of what was asked, and failures on demand.

It stands for the security plugin and for what a network does. A certificate authority is made for each front.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import trustme

_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "authorization"}


class Asked(NamedTuple):
    """One request. path: with what follows `?`. login: "user:password", None if there was none. status: what was answered."""

    method: str
    path: str
    body: bytes
    login: str | None
    status: int


class Front:
    """`with` starts and stops it.

    node: the URL of a node.
    folder: where `ca.pem` is written; with None there is no TLS.
    login: "user:password" that a request must have; others get 401.
    hosts: what the certificate is for.

    url: of the front, without a login. ca_file: of the authority that signed its certificate.
    asked: all requests so far, oldest first.
    answer: is called with method and path; what it gives, a status and JSON, is answered instead of asking the node. It may wait.
    """

    def __init__(
        self,
        node: str,
        *,
        folder: Path | None = None,
        login: str | None = None,
        hosts: Sequence[str] = ("127.0.0.1", "localhost"),
    ) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[str, str], tuple[int, Any] | None] = lambda method, path: None
        self._server = _Server(self, urllib.parse.urlsplit(node), login)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        if folder is not None:
            authority = trustme.CA()
            self.ca_file = folder / "ca.pem"
            authority.cert_pem.write_to_path(str(self.ca_file))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(*hosts).configure_cert(context)
            # Hands are shaken in the thread of the connection, or one client that dawdles would keep all others waiting.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'http' if folder is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Front:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.drop_connections()
        self._server.server_close()


def write_other_ca(folder: Path) -> Path:
    """The certificate of an authority that signed nothing here."""
    path = folder / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for them

    def __init__(self, front: Front, node: urllib.parse.SplitResult, login: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.front, self.node, self.login = front, node, login
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def note_connection(self, connection: socket.socket, *, is_open: bool) -> None:
        with self._lock:
            (self._open.add if is_open else self._open.discard)(connection)

    def drop_connections(self) -> None:
        """Clients keep theirs for the next request; their threads wait for it."""
        with self._lock:
            for each in self._open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:  # ended by the client
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us, or was killed, is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    _node: http.client.HTTPConnection

    def setup(self) -> None:
        super().setup()
        self.server.note_connection(self.connection, is_open=True)
        self._node = http.client.HTTPConnection(self.server.node.hostname or "", self.server.node.port, timeout=60)

    def finish(self) -> None:
        self.server.note_connection(self.connection, is_open=False)
        self._node.close()
        super().finish()

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        login = self._login()
        given = self.server.front.answer(self.command, self.path)
        if self.server.login is not None and login != self.server.login:
            status, headers, answer = 401, {"WWW-Authenticate": 'Basic realm="test"'}, b"Unauthorized"
        elif given is not None:
            status, headers, answer = given[0], {"Content-Type": "application/json"}, json.dumps(given[1]).encode()
        else:
            status, headers, answer = self._of_node(body)
        self.server.front.asked.append(Asked(self.command, self.path, body, login, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _login(self) -> str | None:
        kind, _, coded = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(coded).decode() if kind == "Basic" else None

    def _of_node(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
        try:
            self._node.request(self.command, self.path, body or None, headers)
            response = self._node.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._node.close()
            return 502, {}, str(error).encode()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in _OF_ONE_CONNECTION}
        return response.status, kept, answer

    def log_message(self, *_: object) -> None:
        """Nothing: `asked` has it."""

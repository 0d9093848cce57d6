"""Serves MCP over HTTP: on this machine alone, or to whoever has the token.

A page in a browser may send requests to this machine, too, and may make its own name lead here (DNS rebinding). So a request must
name a host that the server is known by, and one that a page has sent must come from a page of this machine.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
_LARGEST_REQUEST = 100_000
_MOST_AT_ONCE = 64
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and nobody else can come to it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def application(server: Server[Any], host: str, token: str) -> ASGIApp:
    """The application to serve.

    Parameters:
      server: answers.
      host: that it listens on.
      token: that each request must have; "" for none.
    """
    named = f"[{host}]" if ":" in host else host
    anywhere = not is_loopback(host)
    names = dict.fromkeys((*_LOOPBACK, named))
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*(f"{name}:*" for name in names), *names],
        allowed_origins=[
            f"{scheme}://{name}{port}" for scheme in ("http", "https") for name in names for port in ("", ":*")
        ],
    )
    app: ASGIApp = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,  # no session is kept, so there is nothing to fill the memory with
        max_request_body_size=_LARGEST_REQUEST,
        transport_security=security,
        host=host,
    )
    if anywhere:
        app = _OwnHost(app, named)
    return _Guarded(app, token) if token else app


class _Guarded:
    """Lets in requests that have the token alone: `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            scheme, _, told = given.partition(b" ")
            if scheme.lower() != b"bearer" or not hmac.compare_digest(told.strip(), self._token):
                refusal = PlainTextResponse(
                    "Authorization: Bearer TOKEN is missing or wrong\n", 401, {"WWW-Authenticate": "Bearer"}
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _OwnHost:
    """Lets the token vouch for the name that a request gives the server: one that listens for a network may have many.

    A page could name it as it likes, but does not have the token. Where it comes from is still checked.
    """

    def __init__(self, app: ASGIApp, named: str) -> None:
        self._app = app
        self._host = named.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [(name, self._host if name == b"host" else value) for name, value in scope["headers"]]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError, which names the place."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=64)
    except OSError as error:
        error.filename = f"{host}:{port}"
        raise


def address_of(listener: socket.socket) -> str:
    """The URL for clients."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until the process is interrupted."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])

"""Runs the application as a server: listens, says where, and ends when it is told to."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import uvicorn

from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import message

from .app import WebApp
from .guard import Access
from .unread_requests import MAX_HEAD, RequestProtocol

LOOPBACK = frozenset(("127.0.0.1", "localhost", "[::1]"))
LEAST_TOKEN = 16
"""Characters that a token has at least, so that nobody finds it by trying."""

# As a browser writes the name of a host: other alphabets as xn--, addresses of IPv6 in brackets.
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]+\]")

# Seconds that a connection may be silent, and that answers have to end when the server ends.
_KEEP_ALIVE, _GRACE = 15, 3


@dataclass(frozen=True)
class Place:
    """Where the server listens, and under which addresses it is asked.

    host, port: as given; the port that was taken, if any was.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def name(self) -> str:
        """The name of the server in an address."""
        if self.host in ("0.0.0.0", "::"):
            return socket.gethostname()
        return f"[{self.host}]" if ":" in self.host else self.host

    def url(self, root: str = "", token: str | None = None) -> str:
        """The address of the page."""
        return f"http://{self.name}:{self.port}{root}/" + (f"?token={token}" if token else "")


def listen(host: str, port: int) -> tuple[socket.socket, Place]:
    """A socket that listens, and where. port: 0 for any that is free. Raises NaidiError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said to be of TCP: asyncio switches Nagle's algorithm off for such sockets alone, and with it each answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, TypeError, ValueError) as error:  # the last two: of what cannot be the name of a host
        listening.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise NaidiError(
                message("port {port} of {host} is in use: --port 0 takes a free one", port=port, host=host)
            ) from error
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise NaidiError(
            message("cannot listen at {host}, port {port}: {reason}", host=host, port=port, reason=reason)
        ) from error
    return listening, Place(host, listening.getsockname()[1])


def access_for(place: Place, token: str | None, names: Iterable[str]) -> Access:
    """Who may ask.

    Parameters:
      place: where the server listens. If others can reach it, there is a token in any case.
      token: as given; None for one that is made, if there must be one.
      names: further names under which the server is asked, as a proxy hands them on.

    Raises NaidiError for a token that is too short, and for what can be no name.
    """
    if token is not None and (len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable()):
        raise NaidiError(message("a token has at least {least} ASCII characters", least=LEAST_TOKEN))
    given = {name.strip().lower() for name in names}
    for name in given:
        if not _HOST.fullmatch(name):
            raise NaidiError(
                message("--name {name}: write the name of a host, without a port, as docs.example.org", name=repr(name))
            )
    if place.is_loopback:
        return Access(token, frozenset({*LOOPBACK, place.name.lower(), *given}))
    return Access(token or secrets.token_urlsafe(32), frozenset({place.name.lower(), *given}) if given else None)


def run(app: WebApp, listening: socket.socket) -> None:
    """Answer requests until the process is told to end. Raises KeyboardInterrupt if that was by Ctrl-C."""
    config = uvicorn.Config(
        app,
        access_log=False,
        h11_max_incomplete_event_size=MAX_HEAD,
        http=RequestProtocol,
        lifespan="off",
        log_level="warning",
        loop="asyncio",
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_KEEP_ALIVE,
        ws="none",
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        app.close()
        listening.close()

"""The command `naidi mcp`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from naidi.indexer.cli.options import index_option
from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from .arguments import HELP
from .ending import FOUND, INTERRUPTED, echo
from .needed import not_installed

TOKEN = "NAIDI_TOKEN"
_REFRESH = 1.0
_PACKAGES = ("mcp", "mcp_types", "anyio", "starlette")


@click.command("mcp", short_help="Give agents tools to search and read.", context_settings=HELP)
@index_option
@click.option("--http", "place", metavar="[HOST:]PORT", help="Serve over HTTP, not over stdin and stdout.")
@click.option(
    "--structured", is_flag=True, help="Give each answer as JSON values, too. Both together keep to the budget."
)
def mcp_command(directory: Path | str, place: str | None, structured: bool) -> int:
    """Give agents tools to search and read the index, by the Model Context Protocol: search, read, similar, suggest, facets. They
    change nothing.

    A client starts the command and speaks to it over stdin and stdout. With --http it listens on this machine, or on another HOST
    if $NAIDI_TOKEN has a token, which clients then send as a bearer token. docs/mcp.md has lines to paste for clients.

    Ends with status 0 when the client leaves, 2 on an error.
    """
    from ..open_index import open_index

    try:
        from ..agents.protocol import server_of
        from ..agents.service import Service
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        raise not_installed("naidi mcp", package, "mcp", "mcp") from error

    token = os.environ.get(TOKEN, "").strip()
    if place is not None:
        from ..agents.over_http import is_loopback

        host, port = host_and_port(place)
        if not is_loopback(host) and not token:
            raise NaidiError(
                message(
                    "{host}: others may come to this address: put a token into ${name} first", host=host, name=TOKEN
                )
            )
    _log_to_stderr()
    with open_index(directory, refresh_every=_REFRESH) as searcher:
        service = Service(searcher, with_values=structured)
        server = server_of(service, _version())
        if place is None:
            return _over_stdio(server)
        from ..agents.over_http import address_of, application, listening, serve

        listener = listening(host, port)
        echo(told(message("serving {address}; Ctrl-C ends it", address=address_of(listener))), err=True)
        serve(application(server, host, token), listener)
    return FOUND


def host_and_port(text: str) -> tuple[str, int]:
    """The place that `[HOST:]PORT` names; 127.0.0.1 without a host. Raises NaidiError for what is none."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        raise NaidiError(message("{text}: not a port, or HOST:PORT", text=text[:100]))
    return host, int(port)


def _version() -> str:
    """Of naidi. The commands do not import its public names, but the package is there."""
    return str(getattr(sys.modules.get("naidi"), "__version__", ""))


def _over_stdio(server: Any) -> int:
    import anyio

    from ..agents.protocol import serve_stdio

    # A thread of the SDK waits for the next line, and the interpreter would wait for the thread. There is nothing to put in order.
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
    try:
        anyio.run(serve_stdio, server)
    except Exception as error:
        if not _is_gone(error):
            raise
    return FOUND


def _is_gone(error: BaseException) -> bool:
    """Whether nobody reads the answers any more. The event loop gives its errors in groups."""
    inner = getattr(error, "exceptions", None)
    return all(map(_is_gone, inner)) if inner else isinstance(error, (BrokenPipeError, ConnectionResetError))


def _log_to_stderr() -> None:
    """Log warnings, also those of the SDK, which repeat what a request said."""
    import logging

    class Escaped(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return "\n".join(map(printable, super().format(record).split("\n")))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Escaped("naidi: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])

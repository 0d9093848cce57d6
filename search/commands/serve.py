"""The command `naidi serve`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import click

from naidi.indexer.cli.options import index_option
from naidi.indexer.config.places import own_settings
from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from .arguments import HELP
from .config import where_set
from .ending import FOUND
from .needed import not_installed

TOKEN = "NAIDI_TOKEN"
_NEEDS = ("starlette", "uvicorn", "h11", "jinja2", "anyio", "markupsafe")
# They say who may read. A `naidi.toml` may have come with documents of somebody else.
_OWN = ("host", "name", "token_file")


@click.command("serve", short_help="Search in a browser, and by a JSON API.", context_settings=HELP)
@index_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="The port to listen at; 0 for any that is free.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in your browser.")
@click.option(
    "--name",
    multiple=True,
    metavar="NAME",
    help="A further name under which browsers ask, as behind a proxy. May be given several times.",
)
@click.option("--root-path", default="", metavar="PATH", help="The path under which a proxy shows the page: /search.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"A file with the token that readers need. ${TOKEN} may have it instead.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 60, min_open=True),
    default=5.0,
    show_default=True,
    metavar="S",
    help="Seconds that a search may take at most.",
)
@click.pass_context
def serve_command(
    ctx: click.Context,
    directory: Path | str,
    host: str,
    port: int,
    open_page: bool,
    name: tuple[str, ...],
    root_path: str,
    token_file: Path | None,
    timeout: float,
) -> int:
    """Show a page in the browser to search the index, and answer programs in JSON, until Ctrl-C.

    Only this machine can reach it. At another address (--host 0.0.0.0), readers need a token: one is made and printed, unless
    --token-file or $NAIDI_TOKEN has one.

    Prints the address of the page in one line. docs/web.md describes both, and what to do behind a proxy.
    """
    _refuse_foreign(ctx)
    server, app = _loaded()
    given = _token(token_file)
    root = f"/{root_path.strip('/')}" if root_path.strip("/") else ""
    listening, place = server.listen(host, port)
    try:
        access = server.access_for(place, given, name)
        served = app.WebApp(directory, access=access, timeout=timeout, root=root)
        served.index.searcher()  # what is wrong with the index is said now
    except BaseException:
        listening.close()
        raise
    # Of a token that was given, its owner knows.
    shown = access.token if access.token != given else None
    click.echo(printable(place.url(root, shown)))
    sys.stdout.flush()
    Thread(target=_warmed, args=(served,), daemon=True).start()
    if open_page:
        import webbrowser

        # What a program is started with, others on the machine can see: the page asks for the token.
        webbrowser.open(place.url(root))
    try:
        server.run(served, listening)
    except KeyboardInterrupt:
        click.echo(told(message("naidi: ended")), err=True)
    return FOUND


def _warmed(served: Any) -> None:
    """Warm the application. What goes wrong, the first who asks is told."""
    with suppress(Exception):
        served.warm()


def _loaded() -> tuple[Any, Any]:
    """The modules of the server. Raises NotSupported if a package is missing."""
    try:
        from ..web import app, server
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _NEEDS:
            raise
        raise not_installed("naidi serve", package, "starlette uvicorn jinja2", "web") from error
    return server, app


def _token(file: Path | None) -> str | None:
    """The token that was given; None for none. Raises NaidiError for a file without one, and OSError."""
    if file is None:
        return os.environ.get(TOKEN) or None
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    if not text:
        raise NaidiError(message("{file}: the file of the token is empty", file=file))
    return text


def _refuse_foreign(ctx: click.Context) -> None:
    """Raises NaidiError if a file that is not the user's own says who may read."""
    for parameter in ctx.command.params:
        if (
            parameter.name in _OWN
            and ctx.get_parameter_source(parameter.name) is click.core.ParameterSource.DEFAULT_MAP
        ):
            file = where_set(ctx, parameter)
            if file is not None and str(file) != own_settings():
                raise NaidiError(
                    message(
                        "{file}: [serve] {name} counts in {own} alone: this file may have come with documents",
                        file=file,
                        name=parameter.name.replace("_", "-"),
                        own=own_settings(),
                    )
                )

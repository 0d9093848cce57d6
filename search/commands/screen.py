"""The command `naidi screen`, which `naidi` alone is too, on a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from naidi.indexer.cli.options import index_option
from naidi.indexer.errors import NaidiError, NotSupported
from naidi.indexer.messages import message
from naidi.indexer.opensearch.address import shown_place

from .arguments import HELP
from .needed import not_installed

_FRAMES = "TEXTUAL_FPS"
# How often a second the screen is drawn, at most. With the 60 of textual, a letter and its answer would wait 8 ms each on average.
_FRAMES_A_SECOND = "500"


def is_terminal() -> bool:
    """Whether a person looks at a terminal that can be drawn on, and types there."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


@click.command("screen", short_help="Search while you type; `naidi` alone does the same.", context_settings=HELP)
@click.argument("query", nargs=-1)
@index_option
@click.option("--no-history", is_flag=True, help="Neither read nor keep the queries that were asked.")
def screen_command(query: tuple[str, ...], directory: Path | str, no_history: bool) -> int:
    """Open a screen that shows the hits while QUERY is typed, with a preview of each. F1 shows its keys.

    Queries are kept in ~/.local/state/naidi/history, or where $XDG_STATE_HOME says.
    """
    if not (sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty()):
        raise NaidiError(message("the screen needs a terminal; `naidi search` writes to files and pipes"))
    given = os.environ.get(_FRAMES)
    os.environ.setdefault(_FRAMES, _FRAMES_A_SECOND)
    try:
        from ..screen.run import show
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("textual", "rich"):
            raise
        missing = not_installed("naidi screen", package, "textual", "tui")
        # Who typed `naidi` alone may have wanted the help.
        raise NotSupported(message("{missing}; `naidi --help` shows the commands", missing=missing)) from error
    finally:
        if given is None:
            os.environ.pop(_FRAMES, None)
    from ..open_index import open_index
    from ..screen.history import History, history_path
    from ..screen.palette import palette_for

    history = History(None if no_history else history_path(os.environ))
    with open_index(directory, refresh_every=1) as searcher:
        name = shown_place(directory)
        return show(searcher, name=name, query=" ".join(query), history=history, palette=palette_for(os.environ))

"""Runs the screen until its user quits."""

from __future__ import annotations

import sys

from ..open_index import Searcher
from .app import SearchScreen
from .history import History
from .palette import Palette


def show(searcher: Searcher, *, name: str, query: str, history: History, palette: Palette) -> int:
    """Open the screen, and wait until its user quits. Returns the status of the command. Raises what went wrong in it."""
    # Threads that count must not hold up the one that draws: it would wait 5 ms each time that it has something to do.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        app = SearchScreen(searcher, name=name, query=query, history=history, palette=palette)
        status = app.run()
    finally:
        sys.setswitchinterval(interval)
    if app._exception is not None:
        raise app._exception
    return status or 0

"""Opens the file of a hit at the place that the preview shows, or copies its path."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from textual.app import App

from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from ..results import Hit, Snippet
from ..show.open_hit import Opening, command_for, open_hit
from .document_view import DocumentView


def at_place(hit: Hit, view: DocumentView | None) -> Hit:
    """The hit, with the line and the page of the current word found in its first snippet, where `open_hit` looks for them."""
    if view is None or not view.text:
        return hit
    place = view.at_place()
    snippet = Snippet("", (), place, view.lines.line_of(place), view.lines.page_of(place))
    return replace(hit, snippets=(snippet,))


def opened(app: App[Any], hit: Hit) -> str | None:
    """Open a hit, and wait if that is done in the terminal, which the screen then leaves. Returns what is told of it."""
    try:
        command, in_terminal = command_for(hit, os.environ)
        status = _in_terminal(app, hit) if in_terminal and not app.is_headless else open_hit(hit)
    except Opening as error:
        return printable(str(told(error)))
    if status:
        said = message("{program} ended with status {status}", program=printable(command[0]), status=status)
    elif in_terminal:
        return None
    else:
        said = message("opened by {program}", program=printable(os.path.basename(command[0])))
    return str(told(said))


def copied(app: App[Any], hit: Hit) -> str:
    """Copy the path of a hit, or its id if it has none. Returns what is told of it."""
    text = hit.id if hit.path is None else os.path.abspath(hit.path)
    app.copy_to_clipboard(text.encode("utf-8", "replace").decode("utf-8"))
    return str(told(message("copied: {path}", path=printable(text))))


def draw_anew(app: App[Any]) -> None:
    """Draw everything: another program has had the terminal."""
    for screen in app.screen_stack:
        for part in (screen, *screen.walk_children()):
            part.refresh(repaint=True, layout=True)


def _in_terminal(app: App[Any], hit: Hit) -> int:
    """Open a hit in the terminal. Returns the status of the program. Raises what goes wrong once the screen is back.

    textual takes the terminal back only where nothing is raised in between.
    """
    status, raised = 0, None
    with app.suspend(), _deaf_to_interrupts():
        try:
            status = open_hit(hit)
        except BaseException as error:
            raised = error
    if raised is not None:
        raise raised
    return status


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """An interrupt is for the editor, which decides what it means."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

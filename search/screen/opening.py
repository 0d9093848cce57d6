"""Opens the file of a hit at the place that the preview shows."""

from __future__ import annotations

from dataclasses import replace

from ..results import Hit, Snippet
from .document_view import DocumentView


def at_place(hit: Hit, view: DocumentView | None) -> Hit:
    """The hit, with the line and the page of the current word found in its first snippet, where `open_hit` looks for them."""
    if view is None or not view.text:
        return hit
    place = view.at_place()
    snippet = Snippet("", (), place, view.lines.line_of(place), view.lines.page_of(place))
    return replace(hit, snippets=(snippet,))

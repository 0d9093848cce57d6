"""Which lines show a hit in the list?"""

from __future__ import annotations

import os

from textual.strip import Strip

from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from ..results import Hit, Snippet
from ..show.as_text import part_of, relative, shown
from .marked_lines import (
    Piece,
    around_first_mark,
    end_cut,
    fitted,
    marked_pieces,
    middle_cut,
    strip_of,
    two_sided,
    width_of,
)
from .palette import Palette

POINTER, NO_POINTER = "> ", "  "
SHORT, TALL = 2, 3
"""Lines of a hit: the path beside the snippet, or on a line of its own."""

_FACTS_FROM, _PATH_FROM, _ROOMY = 40, 50, 76
"""Cells of a line from which it has the date and the language, the whole path, and where the date is from."""


def hit_strips(hit: Hit, width: int, lines: int, palette: Palette, *, chosen: bool, focused: bool) -> list[Strip]:
    """The lines of a hit.

    Parameters:
      hit: with a snippet or without.
      width: cells of a line.
      lines: SHORT or TALL.
      palette: the styles.
      chosen: whether it is the chosen one, which has a mark before it.
      focused: whether keys go to the list; then the title of the chosen hit is reversed.
    """
    room = width - len(POINTER)
    pointer: Piece = (POINTER, palette.pointer) if chosen else (NO_POINTER, palette.text)
    title_style = palette.chosen if chosen and focused else palette.title
    where = where_of_hit(hit)
    title = "".join(" " if character.isspace() else character for character in hit.title)
    heading, marks = shown(title, hit.title_marks, hit.path)
    named = bool(heading.strip())
    title_pieces = marked_pieces(heading, marks, title_style, palette.found) if named else [(where, title_style)]
    facts = _facts(hit, told_source=width >= _ROOMY) if width >= _FACTS_FROM else ""
    first = two_sided([pointer, *title_pieces], [(facts, palette.facts)] if facts else [], width)
    snippet = _shown_snippet(hit)
    place = _place(snippet)
    if lines == TALL:
        path = (middle_cut(where, room - len(place)) if named else "", palette.path)
        second = strip_of([(NO_POINTER, palette.text), path, (place, palette.facts)], width)
        third = [(NO_POINTER, palette.text), *_snippet_pieces(hit, snippet, room, palette)]
        return [first, second, strip_of(third, width)]
    path_text = ""
    if named and width >= _PATH_FROM:
        path_text = middle_cut(where, max(room // 3, 12) - len(place))
    elif named:
        path_text = end_cut(where.replace("\\", "/").rpartition("/")[2], max(room * 2 // 5 - len(place), 0))
    before: list[Piece] = [(NO_POINTER, palette.text), (path_text, palette.path), (place, palette.facts)]
    if path_text or place:
        before.append(("  ", palette.text))
    rest = max(width - width_of(before), 0)
    return [first, strip_of([*before, *_snippet_pieces(hit, snippet, rest, palette)], width)]


def where_of_hit(hit: Hit) -> str:
    """The path of a hit as it is shown, or its id; printable."""
    return printable(hit.id if hit.path is None else f"{relative(hit.path, _here())}{part_of(hit)}")


def _here() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return None


def _facts(hit: Hit, *, told_source: bool) -> str:
    language = hit.language if hit.language and hit.language != "und" else ""
    date = "" if hit.date is None else str(hit.date)
    if told_source and hit.date_source == "mtime":
        date = str(told(message("{date} (file time)", date=date)))
    return printable("  ".join(filter(None, (date, language))))


def _shown_snippet(hit: Hit) -> Snippet | None:
    return next((snippet for snippet in hit.snippets if snippet.marks), hit.snippets[0] if hit.snippets else None)


def _place(snippet: Snippet | None) -> str:
    """Where a snippet stands, to be shown behind the path: «:12», « p. 3»."""
    if snippet is None or not snippet.marks:
        return ""
    return f" p. {snippet.page}" if snippet.page is not None else f":{snippet.line}"


def _snippet_pieces(hit: Hit, snippet: Snippet | None, width: int, palette: Palette) -> list[Piece]:
    if snippet is None or width <= 0:
        return []
    text, marks = shown(snippet.text, snippet.marks, hit.path)
    text, marks = around_first_mark(text, marks, width)
    return fitted(marked_pieces(text, marks, palette.text, palette.found), width)

"""How does a text with marks become one line of the screen, of a width in cells?

Everything of a document passes through `printable` here. Nothing is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from naidi.indexer.printable import printable

from ..results import Mark, marked_parts

ELLIPSIS = "…"

Piece = tuple[str, Style]


def marked_pieces(text: str, marks: Sequence[Mark], style: Style, found: Style) -> list[Piece]:
    """The text in pieces, those found in the style `found` over `style`."""
    over = style + found
    return [(printable(part), over if marked else style) for part, marked in marked_parts(text, marks)]


def fitted(pieces: Iterable[Piece], width: int) -> list[Piece]:
    """The pieces, cut to a width in cells. What is cut ends with an ellipsis."""
    kept: list[Piece] = []
    room = width
    for text, style in pieces:
        size = cell_len(text)
        if size <= room:
            kept.append((text, style))
            room -= size
            continue
        kept.append((head(text, room), style))
        return _with_ellipsis(kept, width)
    return kept


def head(text: str, width: int) -> str:
    """As many characters of the beginning as have room in so many cells."""
    if text.isascii():
        return text[: max(width, 0)]
    end, room = 0, width
    for character in text:
        room -= cell_len(character)
        if room < 0:
            break
        end += 1
    return text[:end]


def _with_ellipsis(pieces: list[Piece], width: int) -> list[Piece]:
    while pieces:
        text, style = pieces.pop()
        room = width - width_of(pieces)
        if room > 0:
            pieces.append((head(text, room - 1) + ELLIPSIS, style))
            return pieces
    return [(ELLIPSIS[:width], Style.null())]


def width_of(pieces: Iterable[Piece]) -> int:
    """Cells of the pieces."""
    return sum(cell_len(text) for text, _ in pieces)


def strip_of(pieces: Iterable[Piece], width: int, filler: Style | None = None) -> Strip:
    """A line of exactly so many cells. filler: the style of the blanks behind the pieces."""
    segments = [Segment(text, style) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, filler or Style.null())


def two_sided(left: Iterable[Piece], right: Sequence[Piece], width: int, filler: Style | None = None) -> Strip:
    """A line with pieces at both ends. Those at the right go first for room, unless they would take more than half of it."""
    size = width_of(right)
    if size > width // 2:
        right = fitted(right, width // 2)
        size = width_of(right)
    if not right:
        return strip_of(fitted(left, width), width, filler)
    kept = fitted(left, width - size - 1)
    gap = width - size - width_of(kept)
    return strip_of([*kept, (" " * gap, filler or Style.null()), *right], width)


def around_first_mark(text: str, marks: Sequence[Mark], width: int) -> tuple[str, tuple[Mark, ...]]:
    """The text from a word on that lets the first mark be seen in a line of a width, and its marks there.

    A beginning that is left out is told by an ellipsis.
    """
    if not marks or cell_len(text[: marks[0][1]]) <= width - 2:
        return text, tuple(marks)
    start = max(marks[0][0] - width // 3, 0)
    blank = text.find(" ", start, marks[0][0])
    start = blank + 1 if blank >= 0 else start
    moved = len(ELLIPSIS) - start
    return ELLIPSIS + text[start:], tuple(
        (max(low, start) + moved, high + moved) for low, high in marks if high > start
    )


def middle_cut(text: str, width: int) -> str:
    """A printable path in so many cells: its middle is left out, since its end says most."""
    size = cell_len(text)
    if size <= width:
        return text
    if width < 4:
        return head(text, width)
    front = head(text, (width - 1) // 3)
    end = len(text)
    room = width - 1 - cell_len(front)
    while end > 0 and cell_len(text[end - 1 :]) <= room:
        end -= 1
    return front + ELLIPSIS + text[end:]


def end_cut(text: str, width: int) -> str:
    """The end of a printable text in so many cells, behind an ellipsis if its beginning has no room."""
    if cell_len(text) <= width:
        return text
    start, room = len(text), width - len(ELLIPSIS)
    while start > 0 and cell_len(text[start - 1 :]) <= room:
        start -= 1
    return (ELLIPSIS + text[start:])[: max(width, 0)]

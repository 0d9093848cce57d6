"""Measures text in cells of a terminal and wraps it."""

from __future__ import annotations

import os
import sys

from naidi.indexer.late import unicodedata
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# While a text is wrapped, these two noncharacters stand for styles. `printable` text has none of its own.
MARK_START, MARK_END = "\ufdd0", "\ufdd1"
# Ranges of characters that take one cell each. Most texts have no others.
_NARROW_RANGES = ((0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x48A, 0x590), (0x2013, 0x2027))
_NARROW = frozenset([chr(code) for first, last in _NARROW_RANGES for code in range(first, last + 1)])


def terminal_size() -> tuple[int, int]:
    """Columns and lines of the terminal: what COLUMNS and LINES say, else what it says itself, else 80 and 24.

    It is `shutil.get_terminal_size`, without the modules for archives that shutil loads.
    """
    told = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (int(number) if number.isdecimal() else 0 for number in told)
    if columns <= 0 or lines <= 0:
        try:
            own = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        except (OSError, ValueError):  # no terminal; closed
            own = os.terminal_size((80, 24))
        columns, lines = columns or own.columns or 80, lines or own.lines or 24
    return columns, lines


def display_width(text: str) -> int:
    """How many cells of a terminal a printable text takes. A wide character takes two, a combining one none."""
    if not text.isascii():
        text = text.replace(MARK_START, "").replace(MARK_END, "")
    if (text.isascii() and text.isprintable()) or _NARROW.issuperset(text):
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if character in (MARK_START, MARK_END):
        return 0
    if unicodedata.category(character) in ("Mn", "Me", "Cf") and character != "\u00ad":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> Iterator[str]:
    """The text in lines, broken at spaces. A blank text gives no line.

    A word that is too long for a line is broken between characters. A run of spaces counts as one.

    Parameters:
      text: the text.
      width: cells of a line at most, with its indentation. At least one cell is left for text.
      first: the indentation of the first line.
      rest: the indentation of the other lines.
    """
    indent, line, used = first, "", 0
    for word in text.split(" "):
        if not word:
            continue
        size = display_width(word)
        room = max(1, width - display_width(indent))
        if line and used + 1 + size <= room:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            yield indent + line
            indent, room = rest, max(1, width - display_width(rest))
        while size > room:
            cut = _fitting(word, room)
            if cut == len(word):
                break
            yield indent + word[:cut]
            word = word[cut:]
            size = display_width(word)
            indent, room = rest, max(1, width - display_width(rest))
        line, used = word, size
    if line:
        yield indent + line


def _fitting(word: str, room: int) -> int:
    """How many characters of the word fit into `room` cells: at least one, with its combining characters."""
    used = 0
    for position, character in enumerate(word):
        cells = _cells(character)
        if position and used and cells and used + cells > room:
            return position
        used += cells
    return len(word)

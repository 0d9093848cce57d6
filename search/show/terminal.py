"""Makes untrusted text harmless for a terminal, measures it in cells, and wraps it.

A document may hold anything. Characters that move the cursor, colour the screen or turn the direction of writing are
replaced by visible ones. Replacements are one for one, so offsets stay valid.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Ranges, as in a character class: C1, direction of writing, line separators, deprecated or invisible format characters.
HARMFUL = "\u0080-\u009f\u061c\u180e\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb"

# C0 and DEL have pictures: ESC is ␛.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_REPLACED = re.compile(f"[\\x00-\\x1f\\x7f{HARMFUL}\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e007f]")

# While a text is wrapped, these two noncharacters stand for styles. `printable` text has none of its own.
MARK_START, MARK_END = "\ufdd0", "\ufdd1"
_NARROW = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2013-\u2027]*")


def printable(text: str) -> str:
    """The text, safe for a terminal and of the same length. Characters that would control it are shown as ␛ or �.

    Tabs and line ends count as control characters: they would break the layout. The result can be encoded in UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    return _REPLACED.sub(lambda found: chr(_PICTURES.get(ord(found[0]), 0xFFFD)), text)


def display_width(text: str) -> int:
    """How many cells of a terminal a printable text takes. A wide character takes two, a combining one none."""
    if not text.isascii():
        text = text.replace(MARK_START, "").replace(MARK_END, "")
    if _NARROW.fullmatch(text):
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

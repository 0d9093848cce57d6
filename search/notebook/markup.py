"""What of a text may stand in the HTML of a notebook: cut to a length, harmless, and escaped.

All that comes from a document, a query or an application passes through here.
"""

from __future__ import annotations

from html import escape

from naidi.indexer.printable import printable
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# Readable on light and on dark, whatever the colour of the text is.
_MARK = "background:rgba(255,196,0,.22);color:inherit;border-bottom:2px solid #d99a00;padding:0 1px"
_BLANKS = dict.fromkeys(map(ord, "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"), " ")
# No characters of XML, and none of Unicode.
_NO_CHARACTERS = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
# Of several values, so many are named.
_VALUES = 10


def fit(text: str) -> str:
    """The text on one line and of the same length, without characters that control what shows it or that XML forbids."""
    return printable(text.translate(_BLANKS)).translate(_NO_CHARACTERS)


def cut(text: str, most: int) -> str:
    """The beginning of a longer text, with "…" at its end: at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def escaped(text: str, most: int = 300) -> str:
    """The text on one line, for an element or an attribute."""
    return escape(fit(cut(text, most)))


def escaped_lines(text: str, most: int) -> str:
    """The text with its line ends and tabs, for an element that keeps them."""
    return "\n".join(
        "\t".join(escape(fit(part)) for part in line.split("\t"))
        for line in cut(text.replace("\r\n", "\n"), most).split("\n")
    )


def marked(text: str, marks: Sequence[tuple[int, int]], most: int) -> str:
    """The beginning of a text on one line, at most so many characters, with its marks as `mark` elements."""
    shown = fit(cut(text, most))
    parts, position = [], 0
    for start, end in marks:
        if start >= len(shown):
            break
        parts += [escape(shown[position:start]), f'<mark style="{_MARK}">{escape(shown[start:end])}</mark>']
        position = end
    return "".join([*parts, escape(shown[position:])])


def value_text(value: Any, most: int = 80) -> str:
    """A value of a field as text on one line, not yet escaped: days in ISO 8601, several values with commas between."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, (list, tuple)):
        more = [f"{len(value) - _VALUES:,} more"] if len(value) > _VALUES else []
        return cut(", ".join([*(value_text(each, most) for each in value[:_VALUES]), *more]), most)
    return cut("" if value is None else str(value), most)


def several(number: int, one: str, more: str) -> str:
    """A number of things: «1 hit», «2,000 hits»."""
    return f"{number:,} {one if number == 1 else more}"

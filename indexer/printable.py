"""Makes text fit for a terminal, as a line or as JSON, and numbers fit for people.

A file name, a document or an index may hold anything. Every line that a command prints passes through here.
"""

from __future__ import annotations

from .late import cache, json
from .typed import TYPE_CHECKING

if TYPE_CHECKING:
    import re

# Ranges, as in a character class: C1, direction of writing, line separators, deprecated or invisible format characters.
HARMFUL = "\u0080-\u009f\u061c\u180e\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb"

# C0 and DEL have pictures: ESC is ␛.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_REPLACED = f"[\\x00-\\x1f\\x7f{HARMFUL}\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e007f]"

_SURROGATE = "[\ud800-\udfff]"
# JSON itself escapes U+0000-U+001F only.
_ESCAPED = f"[\\x7f{HARMFUL}]"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled at the first need: with so many characters, that takes some milliseconds."""
    import re

    return re.compile(pattern)


@cache  # `json.dumps` makes a new one at each call
def _encoder() -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def printable(text: str) -> str:
    """The text, safe for a terminal and of the same length. Characters that would control it are shown as ␛ or �.

    Tabs and line ends count as control characters: they would break the layout. The result can be encoded in UTF-8.
    """
    # What Python calls printable has none of these, but lacks a few others, such as spaces that do not break.
    if text.isprintable():
        return text
    return _compiled(_REPLACED).sub(lambda found: chr(_PICTURES.get(ord(found[0]), 0xFFFD)), text)


def dumps(value: object) -> str:
    """One line of JSON, fit for UTF-8 and for a terminal. Raises ValueError for a NaN or an infinity."""
    text = _encoder().encode(value)
    if text.isprintable():
        return text
    text = _compiled(_ESCAPED).sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return _compiled(_SURROGATE).sub("\ufffd", text)


def counted(number: int, what: str) -> str:
    """A number of things: «no documents», «1 document», «2,000 documents». what: the name of one; its plural has an s."""
    return f"{number:,} {what}" if number == 1 else f"{f'{number:,}' if number else 'no'} {what}s"


def size_of(number: int) -> str:
    """A number of bytes: «1 byte», «999 bytes», «12.3 KB», «4.5 MB». A KB has 1,000 bytes."""
    if number < 1_000:
        return f"{number} byte{'s' * (number != 1)}"
    size, unit = number / 1_000, "KB"
    for larger in ("MB", "GB", "TB"):
        if round(size, 1) < 1_000:
            break
        size, unit = size / 1_000, larger
    return f"{size:,.1f} {unit}"

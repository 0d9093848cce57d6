"""Makes text fit for a terminal, as a line or as JSON, and numbers fit for people.

A file name, a document or an index may hold anything. Every line that a command prints passes through here.
"""

from __future__ import annotations

from .late import cache, json
from .messages import message, plural
from .typed import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from .messages import Message

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


def counted(number: int, what: str) -> Message:
    """A number of things: «no documents», «1 document», «2,000 documents». what: the name of one of `_THINGS`."""
    return _THINGS[what](number)


# Each has sentences of its own, since no other language makes its plurals by an s.
_THINGS: dict[str, Callable[[int], Message]] = {
    "document": lambda n: plural("{count:,} document", "{count:,} documents", n) if n else message("no documents"),
    "damaged document": lambda n: (
        plural("{count:,} damaged document", "{count:,} damaged documents", n) if n else message("no damaged documents")
    ),
    "file": lambda n: plural("{count:,} file", "{count:,} files", n) if n else message("no files"),
    "damaged page": lambda n: (
        plural("{count:,} damaged page", "{count:,} damaged pages", n) if n else message("no damaged pages")
    ),
    "page": lambda n: plural("{count:,} page", "{count:,} pages", n) if n else message("no pages"),
    "damaged character": lambda n: (
        plural("{count:,} damaged character", "{count:,} damaged characters", n)
        if n
        else message("no damaged characters")
    ),
    "value": lambda n: plural("{count:,} value", "{count:,} values", n) if n else message("no values"),
    "segment": lambda n: plural("{count:,} segment", "{count:,} segments", n) if n else message("no segments"),
    "shard": lambda n: plural("{count:,} shard", "{count:,} shards", n) if n else message("no shards"),
    "replica": lambda n: plural("{count:,} replica", "{count:,} replicas", n) if n else message("no replicas"),
    "node": lambda n: plural("{count:,} node", "{count:,} nodes", n) if n else message("no nodes"),
    "form of words": lambda n: (
        plural("{count:,} form of words", "{count:,} forms of words", n) if n else message("no forms of words")
    ),
}


def size_of(number: int) -> Message:
    """A number of bytes: «1 byte», «999 bytes», «12.3 KB», «4.5 MB». A KB has 1,000 bytes."""
    if number < 1_000:
        return plural("{count} byte", "{count} bytes", number)
    size = number / 1_000
    for larger in _UNITS:
        if round(size, 1) < 1_000:
            return larger(size)
        size /= 1_000
    return message("{size:,.1f} TB", size=size)


_UNITS: tuple[Callable[[float], Message], ...] = (
    lambda size: message("{size:,.1f} KB", size=size),
    lambda size: message("{size:,.1f} MB", size=size),
    lambda size: message("{size:,.1f} GB", size=size),
)

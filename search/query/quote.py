"""Takes the meaning from the signs and operators of a text that stands inside a query."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import pattern
from naidi.indexer.messages import message

from .lexer import chunks
from .plain import RESERVED

# Wildcards and the signs of modifiers, which have a meaning inside a word or at its end. They part words, as in plain text.
_SIGNS = pattern(r"[*?~^]+")


def quote(text: str) -> str:
    """The words of a text, safe inside a query that a program composes: `f"{quote(typed)} +lang:en"`.

    Every operator and sign of the query language loses its meaning, and the words stay: they find what they find as plain text. A
    text of several words comes in brackets, so that it is one part of the query: `+{quote(typed)}`, `title:{quote(typed)}` and
    `{quote(typed)}^2` mean all of it. A text without words gives empty brackets, which ask for nothing: what stands beside them is
    then the whole query.

    Parameters:
      text: any string, such as what a user has typed.

    Raises InvalidQuery if it is no str.

    >>> quote("C++ OR -title:(draft*)")
    '(C++ "OR" "title:" draft)'
    """
    if not isinstance(text, str):
        raise InvalidQuery(message("the text must be a str, not {kind}", kind=type(text).__name__))
    words = [word for chunk in chunks(text) for part in _SIGNS.split(chunk) if (word := _word(part))]
    return words[0] if len(words) == 1 else f"({' '.join(words)})"


def _word(part: str) -> str:
    """A part of a chunk as it is read as a word; "" if it has no letter and no digit."""
    word = part.lstrip("+-=")
    if not any(map(str.isalnum, word)):
        return ""
    # A colon may stand behind the name of a field. In quotes, a name is a word.
    return f'"{word}"' if ":" in word or word in RESERVED else word

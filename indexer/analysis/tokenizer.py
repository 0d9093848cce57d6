"""The tokenizer: finds the words of a text and their offsets.

A token is a run of letters and digits, with the apostrophes, combining marks and invisible characters inside it. Hyphens,
full stops, commas and underscores split: `QazCoVac-P`, `2021-05-29` and `75,4` are several tokens. A query written that way
is a phrase, so each can be found as written. Four names keep their marks, because without them they are other words: `C++`,
`C#`, `F#`, `.NET`.
"""

from __future__ import annotations

from ..late import pattern
from ..typed import TYPE_CHECKING, NamedTuple
from .normalize import ABBREVIATION_LETTERS, APOSTROPHES, CYRILLIC_C, INVISIBLE, clean, form

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_RULES = 1
"""Raise this with every change to the forms of a text: here, in `normalize` and in `bulk`. Indices in a cluster hold forms, and no
keys; so a new dictionary leaves them as they are, and a change of RULES in `lemmatize/fingerprint.py` alone does, too."""

MARKS = f"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff{INVISIBLE}"
# No two alternatives match the same characters, so the scan is linear for any text. The bounds keep encoded data (a line of
# base64) from becoming one word of megabytes. No word of a language reaches them.
_RUN = r"[^\W_]{1,255}"
# What belongs to the letter before it, or to the word behind it. C and с are often typed in Cyrillic. `main.c#L10` is C.
_BEHIND = (
    rf"\+\+(?<=(?<![^\W_])[Cc{CYRILLIC_C}]\+\+)(?!\+)",
    rf"\#(?<=(?<![^\W_])[CcFf{CYRILLIC_C}]\#)(?![^\W\d_]|\#)",
)
_NET = r"[Nn][Ee][Tt](?![^\W_])"
MARK_OF_NAME = pattern(rf"{'|'.join(_BEHIND)}|\.(?<!\w\.)(?<!\.\.)(?={_NET})")
"""The marks in `C++`, `C#`, `F#`, `.NET`. Each branch begins with a literal: that is quick to look for."""
# The first character is of one set for both branches, the lookbehinds then tell it: a search for a set is quicker than one for
# two beginnings.
WORD = pattern(
    rf"[\w.](?:(?<![_.])[^\W_]{{0,254}}(?:(?:[{MARKS}]{{1,9}}[{APOSTROPHES}]?|[{APOSTROPHES}]){_RUN}){{0,31}}[{MARKS}]{{0,9}}"
    rf"(?:{'|'.join(_BEHIND)})?|(?<!_)(?<!\w\.)(?<!\.\.){_NET})"
)

# A line without a small letter: the first line, and any other. (A pattern that begins with a character is several times
# faster to search.) A third pattern asks for capitals: one pattern for both takes quadratic time on long lines.
_MULTILINE = 8  # re.MULTILINE, without loading re
_FIRST_CAPITALS_LINE = pattern(r"[^a-zа-яё\n]+$", _MULTILINE)
_CAPITALS_LINE = pattern(r"\n[^a-zа-яё\n]+$", _MULTILINE)
_CAPITALS = pattern("[A-ZА-ЯЁ]{2}")


class Token(NamedTuple):
    """A word of a text.

    text: the word, cleaned, case kept (see `normalize.clean`). For ordinary text exactly `text[start:end]`.
    start, end: its offsets in code points of the original text, end exclusive.
    """

    text: str
    start: int
    end: int


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of the text in order, lazily."""
    for found in WORD.finditer(text):
        word = found[0]
        yield Token(word if word.isascii() else clean(word), found.start(), found.end())


def _is_headline(line: str) -> bool:
    """Whether a line without small letters is a headline in capitals, and not a few abbreviations."""
    if not _CAPITALS.search(line):
        return False
    words = WORD.findall(line)
    letters = [word for word in words if len(word) > 1 and not word.isdigit()]
    return len(letters) >= 3 or any(len(word) > ABBREVIATION_LETTERS[1] for word in letters)


def lower_headlines(text: str) -> str:
    """The text with headlines in capitals lowered: in them, capitals do not show which words are abbreviations."""
    first = _FIRST_CAPITALS_LINE.match(text)
    if first and _is_headline(first[0]):
        text = first[0].lower() + text[first.end() :]
    if not _CAPITALS_LINE.search(text):
        return text
    return _CAPITALS_LINE.sub(lambda line: line[0].lower() if _is_headline(line[0]) else line[0], text)


def words(text: str) -> list[str]:
    """The raw words of the text, in order, for `word_form`. Headlines in capitals are lowered."""
    return WORD.findall(lower_headlines(text))


def word_form(raw: str) -> str:
    """The form of a raw word of `words`. Positions count every raw word, so no form may be dropped."""
    return form(raw if raw.isascii() else clean(raw))


def forms(text: str) -> list[str]:
    """The forms of the text in order, as the index holds them."""
    return [word_form(word) for word in words(text)]

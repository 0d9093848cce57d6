"""Cuts a query into pieces: words, phrases, brackets and operators.

The text is cut at white space, brackets and quotes, and nowhere else: `C++`, `don't`, `75,4`, `QazCoVac-P` stay whole.
Control characters and lone surrogates count as white space. Invisible characters are taken out. `word_syntax` finds out what a
piece means. Every character is read a bounded number of times, whatever the text.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from naidi.indexer.analysis.normalize import INVISIBLE
from naidi.indexer.late import pattern
from naidi.indexer.messages import Message, message

from .plain import OPERATORS

Warn = Callable[[str], None]

_OPENING = '("«“„‟'
_CURLY_CLOSING = "”“"
# Opening quote -> the quotes that close it: first the proper ones, then those that close it if none of the proper ones follows.
_CLOSED_BY = {
    opening: [(closing, pattern(f"[{closing}]")) for closing in closings]
    for opening, closings in {
        '"': ('"', _CURLY_CLOSING),
        "«": ("»",),
        "“": (_CURLY_CLOSING, '"'),
        "”": (_CURLY_CLOSING,),
        "„": (_CURLY_CLOSING, '"'),
        "‟": (_CURLY_CLOSING, '"'),
    }.items()
}
_QUOTES = '"«»“”„‟'

_BIDI_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = pattern(f"[{INVISIBLE}{_BIDI_MARKS}]")
_SPACE = r"\s\x00-\x1f\x7f-\x9f\ud800-\udfff"
_CHUNK = pattern(rf"[{_SPACE}]*([^{_SPACE}(){_QUOTES}]+)?")
_PHRASE_PART = pattern(rf"[^{_SPACE}{_QUOTES}]+")
_FIELD = pattern(r"(\w{1,40}(?:\.\w{1,40}){0,5}):")
# What reads as a field and its value, but not as an address, a time or a name of C++.
_NOT_A_FIELD = pattern(r"[^\W\d_]\w{1,39}(?:\.\w{1,40}){0,5}:(?:[^\W_]|[<>=≤≥\[{*]|$)")
_SUFFIXES = pattern(r"(?:[\^~][0-9.]*)+")
# Either end may be missing. If the second end looks like a date, the closing bracket may be missing too.
_RANGE = pattern(
    r"[\[{]\s*(?:([^\s\[\]{}]+)\s+)?TO(?:\s+([^\s\[\]{}]+)\s*[\]}]|\s+([*0-9][^\s\[\]{}]*)|\s*[\]}])", re.IGNORECASE
)
_RANGE_WINDOW = 120
_WITHOUT_RANGES = frozenset(("title", "body", "lang", "language", "path", "dir", "ext"))


class Kind(enum.Enum):
    WORD = enum.auto()
    PHRASE = enum.auto()
    OPEN = enum.auto()
    CLOSE = enum.auto()
    OPERATOR = enum.auto()


class Lexeme(NamedTuple):
    """A piece of a query.

    kind: the kind of the piece.
    text: a word, the inside of a phrase, a date range as `2021..2022`, or the name of an operator.
    sign: "+", "-" or "".
    field: the field named before a word, a phrase or a bracket.
    exact: whether "=" stands before it.
    suffix: the modifiers behind a closing quote or bracket, for example `~3^2`. Those of a word are still in its text.
    """

    kind: Kind
    text: str = ""
    sign: str = ""
    field: str | None = None
    exact: bool = False
    suffix: str = ""


# To look up a member of an enumeration is slow, and so is making a lexeme.
_WORD, _PHRASE = Kind.WORD, Kind.PHRASE
_OPERATORS = {name: Lexeme(Kind.OPERATOR, name) for name in OPERATORS}
_OPEN, _CLOSE = Lexeme(Kind.OPEN), Lexeme(Kind.CLOSE)


def shortened(text: str) -> str:
    """The text for a warning: at most 40 characters, all printable."""
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)


def read_anyway(wrong: str, reading: str) -> Message:
    """A warning that says what is wrong, and how it is read all the same."""
    return message("{wrong}: {reading}", wrong=wrong, reading=reading)


def what_is_wrong(warning: str) -> str:
    """A warning without how the query is read all the same."""
    wrong: str = warning.values.get("wrong", warning) if isinstance(warning, Message) else warning
    return wrong


def phrase_parts(text: str) -> list[str]:
    """The words inside a phrase, in order, none empty."""
    return _PHRASE_PART.findall(text)


def names_a_field(text: str) -> bool:
    """Whether the text begins with a name and a colon, whatever the name is."""
    return _FIELD.match(text) is not None


def chunks(text: str) -> list[str]:
    """The pieces of a text between white space, brackets and quotes, in order, without invisible characters."""
    return [found[1] for found in _CHUNK.finditer(_INVISIBLE.sub("", text)) if found[1]]


def lexemes(query: str, fields: Mapping[str, str], warn: Warn) -> Iterator[Lexeme]:
    """The pieces of the query in order.

    Parameters:
      query: any string.
      fields: case-folded name of a field -> the field.
      warn: called with a warning for each thing that is read in an unexpected way.
    """
    return _Scanner(_INVISIBLE.sub("", query), fields, warn).lexemes()


class _Scanner:
    def __init__(self, text: str, fields: Mapping[str, str], warn: Warn) -> None:
        self._text = text
        self._fields = fields
        self._warn = warn
        self._at = 0
        # Closing quotes that do not occur in the rest of the text. They need not be looked for again, so time stays linear.
        self._absent: set[str] = set()

    def lexemes(self) -> Iterator[Lexeme]:
        text, end = self._text, len(self._text)
        while True:
            found = _CHUNK.match(text, self._at)
            assert found is not None  # the expression matches the empty string too
            self._at = found.end()
            chunk = found[1]
            if chunk is None:
                if self._at == end:
                    return
                lexeme = self._opened("", None, False)
            elif chunk.isalnum():
                lexeme = _OPERATORS.get(chunk) or Lexeme(_WORD, chunk)
            else:
                lexeme = self._chunk(chunk)
            if lexeme is not None:
                yield lexeme

    def _chunk(self, chunk: str) -> Lexeme | None:
        """The piece of a chunk that may begin with a sign, a field or "="."""
        sign, rest = self._sign(chunk) if chunk[0] in "+-" else ("", chunk)
        field, rest = self._field(rest) if ":" in rest else (None, rest)
        exact = rest.startswith("=")
        if exact:
            rest = rest[1:]
        if not rest:
            if self._opens():
                return self._opened(sign, field, exact)
            if field is not None:
                wrong = message('nothing follows "{text}"', text=shortened(chunk))
                self._warn(read_anyway(wrong, message("read as a word")))
                return Lexeme(_WORD, chunk)
            return None  # a lone sign: «a - b»
        if field is not None and field not in _WITHOUT_RANGES and rest[0] in "[{":
            rest = self._range(rest)
        return Lexeme(_WORD, rest, sign, field, exact)

    def _opens(self) -> bool:
        """Whether a bracket or a phrase begins right here."""
        return self._at < len(self._text) and self._text[self._at] in _OPENING

    def _sign(self, chunk: str) -> tuple[str, str]:
        rest = chunk.lstrip("+-")
        signs = chunk[: len(chunk) - len(rest)]
        if len(signs) > 1 and (rest or self._opens()):
            self._warn(message("{signs} is ignored: only one + or - may stand before a word", signs=shortened(signs)))
        return (signs if len(signs) == 1 else ""), rest

    def _field(self, chunk: str) -> tuple[str | None, str]:
        named = _FIELD.match(chunk)
        if named is None:
            return None, chunk
        field = self._fields.get(named[1]) or self._fields.get(named[1].casefold())
        if field is None:
            if _NOT_A_FIELD.match(chunk) and (chunk[named.end() :] or self._text[self._at : self._at + 1].strip()):
                wrong = message(
                    '"{name}" is not a field ({fields})', name=shortened(named[0]), fields=", ".join(self._fields)
                )
                self._warn(read_anyway(wrong, message("read as text")))
            return None, chunk
        return field, chunk[named.end() :]

    def _range(self, rest: str) -> str:
        start = self._at - len(rest)
        found = _RANGE.match(self._text[start : start + _RANGE_WINDOW])
        if found is None:
            if rest[-1] not in "]}":
                self._warn(
                    message("{text} begins a range without an end: such as [2021-01 TO 2021-06]", text=shortened(rest))
                )
            return rest
        self._at = start + found.end()
        self._suffix()
        since, until = found[1], found[2] or found[3]
        if found[0][-1] not in "]}":
            self._warn(message("the range {text} has no closing bracket", text=shortened(found[0])))
        if not (since and until):
            wrong = message("an end is missing in the range {text}", text=shortened(found[0]))
            self._warn(read_anyway(wrong, message("read as *")))
        if "{" in found[0] or "}" in found[0]:
            self._warn(message("curly brackets are read as square ones: both ends of a range belong to it"))
        return f"{since or '*'}..{until or '*'}"

    def _opened(self, sign: str, field: str | None, exact: bool) -> Lexeme | None:
        """The piece that begins with the bracket or quote at this place, with the sign, field and = before it."""
        mark = self._text[self._at]
        self._at += 1
        if mark == "(":
            if exact:
                self._warn(message("= before a bracket is ignored: it belongs before a word or a phrase"))
            return Lexeme(Kind.OPEN, "", sign, field) if sign or field else _OPEN
        if mark == ")":
            suffix = self._suffix()
            return Lexeme(Kind.CLOSE, suffix=suffix) if suffix else _CLOSE
        closed_at = self._closing_quote(mark)
        if closed_at is None:
            if mark in "»”":
                self._warn(message("a closing quote {mark} without an opening one is ignored", mark=mark))
                return None
            self._warn(read_anyway(message("unbalanced quote"), message("read as a phrase up to the end")))
            closed_at = len(self._text)
        inside = self._text[self._at : closed_at]
        self._at = closed_at + 1
        return Lexeme(_PHRASE, inside, sign, field, exact, self._suffix())

    def _closing_quote(self, opening: str) -> int | None:
        for closing, quotes in _CLOSED_BY.get(opening, ()):
            if closing in self._absent:
                continue
            if found := quotes.search(self._text, self._at):
                return found.start()
            self._absent.add(closing)
        return None

    def _suffix(self) -> str:
        found = _SUFFIXES.match(self._text, self._at) if self._text[self._at : self._at + 1] in ("^", "~") else None
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

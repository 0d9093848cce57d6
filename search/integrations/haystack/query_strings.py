"""Reads the query strings of haystack: what `NaidiSearchQuery` builds, and what a program hands to `raw_search`.

The strings are those of haystack's Whoosh backend, so that a project may change its engine and keep its queries. Nothing here asks
an index, and nothing knows its fields. No string is an error: what cannot be read is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

RESERVED_WORDS = ("AND", "NOT", "OR", "TO")
RESERVED_CHARACTERS = ("\\", "+", "-", "&&", "||", "!", "(", ")", "{", "}", "[", "]", "^", '"', "~", "*", "?", ":", ".")
_MAX_DEPTH = 32  # brackets that lie deeper are ignored, but their contents are not


@dataclass(frozen=True)
class Leaf:
    """What a document must have.

    field: the name before the colon; None for the content.
    form: "word" (each word of the text), "phrase" (the words side by side), "pattern" (with * and ?) or "fuzzy".
    text: as typed, without quotes and escapes.
    number: edits of a fuzzy word, or other words that may stand in a phrase.
    boost: factor for the score.
    """

    field: str | None
    form: Literal["word", "phrase", "pattern", "fuzzy"]
    text: str
    number: int = 0
    boost: float = 1.0


@dataclass(frozen=True)
class Range:
    """A value between two ends; "" for an open end. low_in, high_in: whether the end itself counts."""

    field: str | None
    low: str
    high: str
    low_in: bool = True
    high_in: bool = True


@dataclass(frozen=True)
class AllOf:
    """All of its parts hold. Without parts, it asks for nothing that a document could have."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """At least one of its parts holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """Its part does not hold."""

    part: Node


Node: TypeAlias = Leaf | Range | AllOf | AnyOf | Not

EVERYTHING = Leaf(None, "pattern", "*")


class _Token(NamedTuple):
    kind: str
    text: str
    number: int = 0
    boost: float = 1.0


_PLAIN = re.compile(
    r"""(?P<space>\s+)
    | (?P<open>\()
    | (?P<close>\)(?:\^[\d.]+)?)
    | "(?P<phrase>(?:[^"\\]|\\.)*)"(?:~(?P<slop>\d{1,2}))?(?:\^(?P<boost>\d+(?:\.\d+)?))?
    | (?P<field>[^\W\d][\w.]*):(?=[^\s)])(?!//)
    | (?P<range>[\[{][^\[\]{}]*[\]}])
    | (?P<word>(?:\\.|[^\s()"])+|.)""",
    re.VERBOSE | re.DOTALL,
)
# A word in single quotes, as `clean` makes them, has no signs. Its end is a quote that nothing but closing brackets follows.
_LITERAL = re.compile(r"'(.*?)'(?=\s|$|\)+(?:\s|\^|$))", re.DOTALL)
_RANGE = re.compile(r"([\[{])\s*(.*?)\s*\bTO\b\s*(.*?)\s*([\]}])", re.IGNORECASE | re.DOTALL)
_COMPARED = re.compile(r"(<=?|>=?)(.+)", re.DOTALL)
_BOOST = re.compile(r"(?<!\\)\^(\d{1,6}(?:\.\d{1,6})?)$")
_FUZZY = re.compile(r"(?<!\\)~(\d?)\d*(?:/\d+)?$")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WILD = re.compile(r"(?<!\\)[*?]")


def cleaned(text: str) -> str:
    """A user's text, safe inside a query string: operators in small letters, words with signs in single quotes."""
    words = []
    for word in text.split():
        if word in RESERVED_WORDS:
            word = word.lower()
        words.append(f"'{word}'" if any(sign in word for sign in RESERVED_CHARACTERS) else word)
    return " ".join(words)


def quoted(text: str) -> str:
    """A text in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read(text: str) -> Node:
    """What a query string asks for."""
    return _Reader(_tokens(text)).all()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place, quotes_close = 0, True
    while place < len(text):
        if text[place] == "'" and quotes_close:
            literal = _LITERAL.match(text, place)
            if literal is not None:
                found.append(_Token("literal", literal[1]))
                place = literal.end()
                continue
            quotes_close = False  # behind this place there is no end of a literal either
        match = _PLAIN.match(text, place)
        assert match is not None
        place = match.end()
        kind = match.lastgroup
        if match["phrase"] is not None:
            phrase = _ESCAPED.sub(r"\1", match["phrase"])
            found.append(_Token("phrase", phrase, int(match["slop"] or 0), float(match["boost"] or 1)))
        elif kind == "word":
            word = match["word"]
            found.append(_Token(word if word in ("AND", "OR", "NOT") else "word", word))
        elif kind != "space":
            found.append(_Token(str(kind), match[str(kind)]))
    return found


class _Reader:
    """A string on its way to a tree. OR binds least, then AND and the space, then NOT."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def all(self) -> Node:
        parts = []
        while self._place < len(self._tokens):
            part = self._any(None, 0)
            if part is not None:
                parts.append(part)
            self._place += self._next() is not None  # a bracket that nothing opens
        return _joined(AllOf, parts) or AllOf()

    def _next(self) -> str | None:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else None

    def _any(self, field: str | None, depth: int) -> Node | None:
        parts = [self._each(field, depth)]
        while self._next() == "OR":
            self._place += 1
            parts.append(self._each(field, depth))
        return _joined(AnyOf, [part for part in parts if part is not None])

    def _each(self, field: str | None, depth: int) -> Node | None:
        parts = []
        while self._next() not in (None, "OR", "close"):
            if self._next() == "AND":
                self._place += 1
                continue
            part = self._one(field, depth)
            if part is not None:
                parts.append(part)
        return _joined(AllOf, parts)

    def _one(self, field: str | None, depth: int) -> Node | None:
        nots = 0
        while self._next() == "NOT":
            self._place += 1
            nots += 1
        is_named = False
        while self._next() == "field":  # of several, the last
            field, is_named = self._tokens[self._place].text, True
            self._place += 1
        if self._next() in (None, "close", "AND", "OR"):
            return None
        token = self._tokens[self._place]
        self._place += 1
        found: Node | None
        if token.kind == "open":
            found = self._bracket(field, depth)
        elif token.kind == "NOT":
            found = self._one(field, depth) if depth < _MAX_DEPTH else None
            nots += 1
        else:
            found = _leaf(token, field, is_named)
        return Not(found) if nots % 2 and found is not None else found

    def _bracket(self, field: str | None, depth: int) -> Node | None:
        if depth >= _MAX_DEPTH:
            # Flat: the signs are skipped, so that no string is too deep.
            parts = []
            while self._next() is not None and self._next() != "close":
                token = self._tokens[self._place]
                self._place += 1
                leaf = _leaf(token, field, False) if token.kind in ("word", "literal", "phrase", "range") else None
                if leaf is not None:
                    parts.append(leaf)
            found = _joined(AllOf, parts)
        else:
            found = self._any(field, depth + 1)
        if self._next() == "close":
            self._place += 1
        return found


def _joined(join: Callable[[tuple[Node, ...]], Node], parts: list[Node]) -> Node | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else join(tuple(parts))


def _leaf(token: _Token, field: str | None, is_named: bool) -> Node | None:
    if token.kind == "phrase":
        return Leaf(field, "phrase", token.text, token.number, token.boost)
    if token.kind == "literal":
        return Leaf(field, "word", token.text) if token.text.strip() else None
    if token.kind == "range":
        ends = _RANGE.fullmatch(token.text)
        if ends is None:
            return Leaf(field, "word", token.text)
        low, high = (_ESCAPED.sub(r"\1", end.strip("\"'")) for end in (ends[2], ends[3]))
        return Range(field, low if low != "*" else "", high if high != "*" else "", ends[1] == "[", ends[4] == "]")
    text = token.text
    compared = _COMPARED.fullmatch(text) if is_named else None
    if compared is not None:
        value, is_in = _ESCAPED.sub(r"\1", compared[2]), compared[1].endswith("=")
        if compared[1].startswith("<"):
            return Range(field, "", value, True, is_in)
        return Range(field, value, "", is_in, True)
    boost = _BOOST.search(text)
    if boost is not None:
        text = text[: boost.start()]
    factor = float(boost[1]) if boost is not None else 1.0
    if _WILD.search(text):
        return Leaf(field, "pattern", _ESCAPED.sub("", text), 0, factor)
    fuzzy = _FUZZY.search(text)
    if fuzzy is not None and fuzzy.start():
        edits = min(2, max(1, int(fuzzy[1] or 1)))
        return Leaf(field, "fuzzy", _ESCAPED.sub(r"\1", text[: fuzzy.start()]), edits, factor)
    text = _ESCAPED.sub(r"\1", text)
    return Leaf(field, "word", text, 0, factor) if text else None

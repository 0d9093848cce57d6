"""The reader of source code: text as it stands. Words inside of identifiers are keywords, so `get user` finds `getUserById`."""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .text import read_text
from .title import shortened

_WORD = re.compile(r"[^\W_]{3,255}")
# getUser|By|Id, HTTP|Response, utf8|Decode
_HUMP = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])|(?<=\d)(?=[A-ZА-ЯЁ])")
_MIXED = re.compile(r"[^\W_A-ZА-ЯЁ][A-ZА-ЯЁ]|[A-ZА-ЯЁ]{2}[a-zа-яё]")
_MOST_WORDS = 5_000
# A longer program is written by another. Its identifiers would take ten times its size in memory.
_MOST_LETTERS = 16 << 20

_HEAD = 4_000
# What may stand before the first comment.
_START = re.compile(
    r"(?:#![^\n]*\n|<\?php|<\?xml[^\n>]*>|<template>|['\"]use strict['\"];?|#[^\n]*coding[:=][^\n]*\n|\s+)*",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    r"[rRuU]?\"\"\"(?P<double>.*?)\"\"\""
    r"|[rRuU]?'''(?P<single>.*?)'''"
    r"|/\*(?P<block>.*?)\*/"
    r"|<!--(?P<markup>.*?)-->"
    r"|\{-(?P<haskell>.*?)-\}"
    r"|\(\*(?P<pascal>.*?)\*\)"
    r"|(?P<lines>(?:[ \t]*(?://|#(?!include|define|if|pragma|import|region|\[)|--|;|%)[^\n]*(?:\n|$))+)",
    re.DOTALL,
)
_DECORATION = re.compile(r"^[ \t]*(?://[/!]*|#+!?|--+\|?|;+|%+|\*+)?[ \t]*|[ \t]*\*+/?[ \t]*$")
_NO_TITLE = re.compile(
    r"copyright|\(c\)|©|licen[cs]e|spdx|all rights reserved|eslint|prettier|tslint|noqa|pylint|mypy:|type: ignore|@flow|@ts-|jshint"
    r"|vim?:|-\*-|do not edit|generated|clang-format|лиценз",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(.+?[.!?…])(?:\s|$)")
_LETTERS = re.compile(r"[^\W\d_]{2}.*[^\W\d_]{2}")


def read_source_code(source: Source) -> Content:
    """The text, with the first sentence of the comment at its start as title, or else the name of the file.

    Raises UndecodableBytes (a ValueError) for binary data.
    """
    content = read_text(source)
    title = comment_title(content.text) or source.name  # the first line of a program says little
    return replace(content, title=title, keywords="\n".join(words_of_identifiers(content.text)))


def words_of_identifiers(text: str) -> list[str]:
    """The words inside of the identifiers of a text that do not stand there as words, each once, in order.

    At most 5,000, of the first 16 million letters. Underscores and hyphens end a word anyway. So these are words like the "user"
    of `getUserById`.
    """
    whole = dict.fromkeys(_WORD.findall(text, 0, _MOST_LETTERS))
    known = {word.lower() for word in whole}
    found: dict[str, None] = {}
    for word in whole:
        if _MIXED.search(word):
            for part in _HUMP.split(word):
                lower = part.lower()
                if len(lower) > 1 and lower not in known and not lower.isdigit():
                    found[lower] = None
            if len(found) >= _MOST_WORDS:
                break
    return list(found)[:_MOST_WORDS]


def comment_title(text: str) -> str:
    """The first sentence of the comment that begins a file; empty if there is none. Copyright notices are passed over."""
    head = text[:_HEAD]
    place = 0
    while place < len(head):
        start = _START.match(head, place)
        comment = _COMMENT.match(head, start.end() if start else place)
        if comment is None or comment.end() == place:
            return ""
        place = comment.end()
        if title := _first_sentence(comment[comment.lastgroup or 0]):
            return title
    return ""


def _first_sentence(comment: str) -> str:
    """The first sentence of a comment, unless the comment is one for tools or lawyers."""
    lines: list[str] = []
    for line in comment.split("\n"):
        plain = _DECORATION.sub("", line).strip()
        if lines and not plain:
            break
        if _NO_TITLE.search(plain):
            return ""
        if _LETTERS.search(plain):
            lines.append(plain)
    words = " ".join(lines)
    sentence = _SENTENCE.match(words)
    return shortened(sentence[1] if sentence else words)
